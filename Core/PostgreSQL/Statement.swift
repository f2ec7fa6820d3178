internal import Glibc

/// SQL in which every interpolated value is a bind, never text.
///
///     let wanted: Statement = "select id, title from courses.course where category = \(category) and seats > \(seats)"
///
/// A statement knows itself by *where* its literal pieces lie in the program, not by what they say: a connection finds its
/// prepared twin by comparing a few addresses, and the text is put together only when a connection first prepares it.
/// An optional that is nil binds NULL; an array binds PostgreSQL's array (`= any(\(ids))`). Text that is meant to be SQL says
/// so: `\(unescaped: direction)`, or `\(identifier: table)` for a name, which is quoted. Statements go into statements whole.
public struct Statement: Sendable, ExpressibleByStringInterpolation {
    /// Literals stay in the program's own read-only memory.
    public typealias StringLiteralType = StaticString

    var pieces: Pieces
    /// Each bind: its length in four bytes (-1 is NULL), its text, a zero byte; one after another.
    var binds: [UInt8]
    var bindCount: Int
    /// The number of the first bind with a zero byte in it, which PostgreSQL cannot store and C would cut short.
    var zeroByte: Int?

    /// A statement without binds.
    public init(stringLiteral text: StaticString) {
        pieces = Pieces()
        pieces.append(text)
        (binds, bindCount, zeroByte) = ([], 0, nil)
    }

    /// A statement with binds: the compiler calls this.
    public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.statement }

    /// A statement whose text was made at run time, which is sent as it is.
    public init(unescaped text: String) {
        pieces = Pieces()
        pieces.append(unescaped: text)
        (binds, bindCount, zeroByte) = ([], 0, nil)
    }

    /// The SQL with `$1`, `$2` … where binds are: for messages and plans; shows no value.
    public var text: String { pieces.text }

    /// Calls `body` with the binds as C strings, NULL as null pointers.
    @inline(__always)
    func withParameters<Value>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value) -> Value {
        if bindCount == 0 { return body(nil) }
        return binds.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: bindCount) { pointers in
                var offset = 0
                for index in 0..<bindCount {
                    let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
                    offset += 4
                    if length < 0 {
                        pointers.initializeElement(at: index, to: nil)
                        continue
                    }
                    let start = bytes.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) }
                    pointers.initializeElement(at: index, to: start)
                    offset += length + 1
                }
                return body(UnsafePointer(pointers.baseAddress))
            }
        }
    }
}

/// What makes two statements the same one: the same pieces of program text in the same order, with binds between them.
struct Pieces: Sendable, Equatable {
    /// A literal by its address and length; address 0 is a bind, address 1 the next of `unescaped`.
    struct Piece: Sendable, Equatable {
        let address: UInt
        let count: Int
    }

    private(set) var list: [Piece] = []
    private(set) var unescaped: [String] = []
    private(set) var hash: UInt = 0

    mutating func reserve(_ count: Int) { list.reserveCapacity(count) }

    @inline(__always)
    private mutating func append(_ piece: Piece) {
        list.append(piece)
        hash = (hash ^ piece.address ^ UInt(bitPattern: piece.count) << 48) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        guard text.hasPointerRepresentation else { return append(unescaped: text.description) }
        let count = text.utf8CodeUnitCount
        if count > 0 { append(Piece(address: UInt(bitPattern: text.utf8Start), count: count)) }
    }

    @inline(__always)
    mutating func appendBind() { append(Piece(address: 0, count: 0)) }

    mutating func append(unescaped text: String) {
        // Its bytes go into the hash as well as into the comparison: such statements differ in nothing else.
        var mixed: UInt = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { mixed = (mixed ^ UInt(byte)) &* 0x100_0000_01B3 }
        unescaped.append(text)
        append(Piece(address: 1, count: text.utf8.count))
        hash ^= mixed
    }

    mutating func append(_ other: Pieces) {
        var texts = other.unescaped.makeIterator()
        for piece in other.list {
            if piece.address == 1 {
                if let text = texts.next() { append(unescaped: text) }
            } else {
                append(piece)
            }
        }
    }

    static func == (one: Pieces, two: Pieces) -> Bool {
        one.hash == two.hash && one.list == two.list && one.unescaped == two.unescaped
    }

    var text: String {
        var bytes: [UInt8] = []
        var texts = unescaped.makeIterator()
        var bind = 0
        for piece in list {
            switch piece.address {
            case 0:
                bind += 1
                bytes.append(contentsOf: "$\(bind)".utf8)
            case 1:
                bytes.append(contentsOf: (texts.next() ?? "").utf8)
            default:
                // The address of a StaticString's bytes: they live as long as the program does.
                bytes.append(
                    contentsOf: UnsafeBufferPointer(start: UnsafePointer(bitPattern: piece.address), count: piece.count)
                )
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

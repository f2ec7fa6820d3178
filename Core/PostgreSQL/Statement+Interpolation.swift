internal import Glibc

extension Statement {
    /// Collects the pieces and binds of a statement as the compiler goes through its literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        /// Literals stay in the program's own read-only memory.
        public typealias StringLiteralType = StaticString

        var statement: Statement

        /// Begins a literal with this many interpolations.
        public init(literalCapacity: Int, interpolationCount: Int) {
            statement = Statement()
            statement.pieces.reserve(2 * interpolationCount + 1)
            statement.binds.reserveCapacity(24 * interpolationCount)
        }

        /// SQL as it stands in the program.
        public mutating func appendLiteral(_ literal: StaticString) { statement.pieces.append(literal) }

        /// A value: a bind.
        @inlinable
        public mutating func appendInterpolation<Value: SQLValue>(_ value: Value) {
            let start = open()
            append { value.append(sql: &$0) }
            close(start)
        }

        /// A value or NULL: a bind.
        @inlinable
        public mutating func appendInterpolation<Value: SQLValue>(_ value: Value?) {
            if let value { appendInterpolation(value) } else { appendNull() }
        }

        /// An array: one bind.
        public mutating func appendInterpolation<Value: SQLValue>(_ values: [Value]) {
            let start = open()
            append { SQLArray.append(values.lazy.map { Optional($0) }, to: &$0) }
            close(start)
        }

        /// An array in which nil is NULL: one bind.
        public mutating func appendInterpolation<Value: SQLValue>(_ values: [Value?]) {
            let start = open()
            append { SQLArray.append(values, to: &$0) }
            close(start)
        }

        /// An array or NULL: one bind.
        public mutating func appendInterpolation<Value: SQLValue>(_ values: [Value]?) {
            if let values { appendInterpolation(values) } else { appendNull() }
        }

        /// Another statement, with its binds.
        public mutating func appendInterpolation(_ part: Statement) {
            statement.pieces.append(part.pieces)
            if statement.zeroByte == nil, let zero = part.zeroByte { statement.zeroByte = statement.bindCount + zero }
            statement.binds.append(contentsOf: part.binds)
            statement.bindCount += part.bindCount
        }

        /// Text that becomes part of the SQL as it is: never anything that came from outside.
        public mutating func appendInterpolation(unescaped text: String) { statement.pieces.append(unescaped: text) }

        /// A name of a table, column or role, quoted.
        public mutating func appendInterpolation(identifier name: String) {
            statement.pieces.append(unescaped: quoted(identifier: name))
        }

        @usableFromInline
        mutating func appendNull() {
            statement.pieces.appendBind()
            statement.bindCount += 1
            withUnsafeBytes(of: Int32(-1)) { statement.binds.append(contentsOf: $0) }
        }

        @usableFromInline
        mutating func open() -> Int {
            statement.pieces.appendBind()
            statement.bindCount += 1
            withUnsafeBytes(of: Int32(0)) { statement.binds.append(contentsOf: $0) }
            return statement.binds.count
        }

        @usableFromInline
        mutating func append(_ body: (inout [UInt8]) -> Void) { body(&statement.binds) }

        @usableFromInline
        mutating func close(_ start: Int) {
            let length = statement.binds.count - start
            let zero = statement.binds.withUnsafeMutableBytes { bytes in
                bytes.storeBytes(of: Int32(truncatingIfNeeded: length), toByteOffset: start - 4, as: Int32.self)
                return length > 0 && bytes.baseAddress.map { memchr($0 + start, 0, length) != nil } ?? false
            }
            if zero, statement.zeroByte == nil { statement.zeroByte = statement.bindCount }
            statement.binds.append(0)
        }
    }

    private init() {
        pieces = Pieces()
        (binds, bindCount, zeroByte) = ([], 0, nil)
    }
}

/// A name as SQL writes it whatever is in it: in double quotes, with double quotes doubled.
public func quoted(identifier name: String) -> String {
    var text = "\""
    for character in name.unicodeScalars where character != "\0" {
        if character == "\"" { text.unicodeScalars.append("\"") }
        text.unicodeScalars.append(character)
    }
    return text + "\""
}

/// Text as an SQL literal whatever is in it, for the few commands that take no binds.
public func quoted(literal value: String) -> String {
    var text = "'"
    var escaped = false
    for character in value.unicodeScalars where character != "\0" {
        if character == "'" || character == "\\" {
            text.unicodeScalars.append(character)
            if character == "\\" { escaped = true }
        }
        text.unicodeScalars.append(character)
    }
    return (escaped ? " E" : "") + text + "'"
}

/// Reads dates and times from bytes.
struct Scanner {
    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var at = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var atEnd: Bool { at == bytes.count }

    mutating func take(_ wanted: Unicode.Scalar, or other: Unicode.Scalar? = nil) -> Bool {
        guard at < bytes.count else { return false }
        guard bytes[at] == UInt8(ascii: wanted) || other.map({ bytes[at] == UInt8(ascii: $0) }) == true else {
            return false
        }
        at += 1
        return true
    }

    mutating func digit() -> Int? {
        guard at < bytes.count, (48...57).contains(bytes[at]) else { return nil }
        at += 1
        return Int(bytes[at - 1]) - 48
    }

    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func day() -> Day? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2) else { return nil }
        return Day(year: year, month: month, day: day)
    }
}

extension Int: SQLValue {}
extension Int64: SQLValue {}
extension Int32: SQLValue {}
extension Int16: SQLValue {}

extension SQLValue where Self: FixedWidthInteger & SignedInteger {
    /// From decimal digits with an optional minus; nil when they do not fit.
    @inlinable
    public init?(sql bytes: UnsafeBufferPointer<UInt8>) {
        guard let whole = wholeNumber(bytes), let exact = Self(exactly: whole) else { return nil }
        self = exact
    }

    /// Decimal digits with a minus where it is needed.
    @inlinable
    public func append(sql bytes: inout [UInt8]) { appendWholeNumber(Int64(self), to: &bytes) }
}

@usableFromInline
func wholeNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
    let negative = bytes.first == UInt8(ascii: "-")
    var index = negative ? 1 : 0
    guard index < bytes.count else { return nil }
    // Counted downwards: the least number has no positive twin.
    var value: Int64 = 0
    if bytes.count - index <= 18 {
        // Eighteen digits always fit, so nothing needs a check but the digits.
        while index < bytes.count {
            let digit = bytes[index] &- 48
            guard digit <= 9 else { return nil }
            value = value &* 10 &- Int64(digit)
            index += 1
        }
        return negative ? value : -value
    }
    while index < bytes.count {
        let digit = bytes[index] &- 48
        guard digit <= 9 else { return nil }
        let (tenfold, over) = value.multipliedReportingOverflow(by: 10)
        let (next, under) = tenfold.subtractingReportingOverflow(Int64(digit))
        guard !over, !under else { return nil }
        value = next
        index += 1
    }
    if negative { return value }
    return value == .min ? nil : -value
}

@usableFromInline
func appendWholeNumber(_ number: Int64, to bytes: inout [UInt8]) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = number.magnitude
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
        var index = 20
        repeat {
            index -= 1
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            digits[index] = UInt8(truncatingIfNeeded: remainder) &+ 48
            rest = quotient
        } while rest > 0
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[index...]))
    }
}

extension Double: SQLValue {
    /// From PostgreSQL's shortest exact text, `Infinity`, `-Infinity` and `NaN` included.
    public init?(sql bytes: UnsafeBufferPointer<UInt8>) { self.init(String(decoding: bytes, as: UTF8.self)) }

    /// The shortest text that reads back as the same number.
    public func append(sql bytes: inout [UInt8]) {
        if isFinite || isNaN { return bytes.append(contentsOf: description.utf8) }
        bytes.append(contentsOf: (self < 0 ? "-Infinity" : "Infinity").utf8)
    }
}

extension JSONWriter {
    /// Writes a whole number.
    public func int(_ value: Int64) {
        if value < 0 { byte(UInt8(ascii: "-")) }
        unsigned(value.magnitude)
    }

    /// Writes a whole number that may be beyond `Int64`.
    public func unsigned(_ value: UInt64) {
        var width = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            width += 1
        }
        digits(value, width: width)
    }

    /// Writes the last `width` decimal digits of a number, with leading zeros: not JSON by itself, but part of a date.
    public func digits(_ value: UInt64, width: Int) {
        append(upTo: width) { to in
            var rest = value
            var at = width
            while at > 0 {
                at -= 1
                to[at] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return width
        }
    }

    /// Writes a number, as short as reads back the same; `null` where it is infinite or no number, which JSON lacks.
    public func double(_ value: Double) {
        guard value.isFinite else { return null() }
        json(value.description)
    }
}

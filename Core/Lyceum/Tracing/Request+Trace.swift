internal import Glibc

extension Request {
    /// The trace that the request belongs to; nil only where the web server gave the request no id and the client no trace.
    ///
    /// A valid `traceparent` of the client is carried on; otherwise the trace has the request's id, which nginx makes anew for
    /// each request. Nothing is computed before somebody asks, and each time the answer is the same.
    public var trace: TraceContext? {
        let own = id
        if let given = traceparent { return own.map { given.child($0.low) } ?? given.child() }
        return own.flatMap { TraceContext(beginning: $0) }
    }

    /// What the client sent; several headers of that name are none, as the standard says.
    private var traceparent: TraceContext? {
        guard var entry = environment else { return nil }
        let name = "HTTP_TRACEPARENT=" as StaticString
        var found: UnsafePointer<CChar>?
        while let text = entry.pointee {
            entry += 1
            guard strncmp(text, name.utf8Start.chars, name.utf8CodeUnitCount) == 0 else { continue }
            guard found == nil else { return nil }
            found = UnsafePointer(text + name.utf8CodeUnitCount)
        }
        guard let found else { return nil }
        return TraceContext(UnsafeBufferPointer(start: found.bytes, count: strlen(found)))
    }

    /// The request's id as a number: 32 hexadecimal digits, as nginx makes them, or a UUID.
    private var id: RawID? {
        guard let text = parameters.requestID else { return nil }
        var words: (high: UInt64, low: UInt64) = (0, 0)
        var digits = 0
        for byte in UnsafeBufferPointer(start: text.bytes, count: strlen(text)) where byte != UInt8(ascii: "-") {
            guard digits < 32, let digit = Pairs.hex(byte) else { return nil }
            words.high = words.high << 4 | words.low >> 60
            words.low = words.low << 4 | UInt64(digit)
            digits += 1
        }
        return digits == 32 ? RawID(high: words.high, low: words.low) : nil
    }
}

extension UnsafePointer<CChar> {
    fileprivate var bytes: UnsafePointer<UInt8> { UnsafeRawPointer(self).assumingMemoryBound(to: UInt8.self) }
}

extension UnsafePointer<UInt8> {
    fileprivate var chars: UnsafePointer<CChar> { UnsafeRawPointer(self).assumingMemoryBound(to: CChar.self) }
}

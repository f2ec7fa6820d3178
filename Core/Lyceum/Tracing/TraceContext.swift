/// Where a piece of work belongs in a trace that spans programs (W3C Trace Context, https://www.w3.org/TR/trace-context/).
///
/// A request begins or carries on a trace; the events it emits, their listeners, and the jobs that are queued carry it on, each
/// with a span id of its own. Whoever calls another program sends ``description`` as the header `traceparent`.
///
/// `tracestate` is not kept: it serves programs that report spans to its vendors, which this one does not, and each event
/// would have to store up to 512 characters that a stranger chose. The standard allows leaving it out.
public struct TraceContext: Sendable, Hashable, LosslessStringConvertible {
    private let high: UInt64
    private let low: UInt64
    private let span: UInt64
    /// Whether the program that began the trace records it.
    public let isSampled: Bool

    private init(high: UInt64, low: UInt64, span: UInt64, isSampled: Bool) {
        (self.high, self.low, self.isSampled) = (high, low, isSampled)
        // All zeros is no id.
        self.span = span == 0 ? 1 : span
    }

    /// Begins a trace that has the id of whatever begins it; nil for an id of zeros, which the standard forbids.
    ///
    /// So the trace of a request is called as the request is, and nothing has to be made up for it.
    package init?(beginning id: RawID) {
        guard id.high != 0 || id.low != 0 else { return nil }
        self.init(high: id.high, low: id.low, span: id.low, isSampled: false)
    }

    /// Reads the value of the header `traceparent`; nil where it is not valid, which means that a new trace begins.
    ///
    /// Ids are small hexadecimal digits and not all zeros. Of a version later than 00 the part is read that 00 has, and `ff`
    /// is no version.
    public init?(_ text: String) {
        var text = text
        guard let read = text.withUTF8({ TraceContext($0) }) else { return nil }
        self = read
    }

    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        // 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
        guard bytes.count >= 55, bytes[2] == 45, bytes[35] == 45, bytes[52] == 45,
            let version = TraceContext.hex(bytes[0..<2]), version != 0xFF,
            version == 0 ? bytes.count == 55 : bytes.count == 55 || bytes[55] == 45,
            let high = TraceContext.hex(bytes[3..<19]), let low = TraceContext.hex(bytes[19..<35]),
            let span = TraceContext.hex(bytes[36..<52]), let flags = TraceContext.hex(bytes[53..<55]),
            high != 0 || low != 0, span != 0
        else { return nil }
        // The meaning of the other flags is not known, so they are not handed on.
        self.init(high: high, low: low, span: span, isSampled: flags & 1 == 1)
    }

    private static func hex(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case 48...57: value = value << 4 | UInt64(digit - 48)
            case 97...102: value = value << 4 | UInt64(digit - 87)
            default: return nil
            }
        }
        return value
    }

    /// A piece of work within this trace, caused by this one.
    package func child() -> TraceContext { child(UInt64.random(in: 1 ... .max)) }

    func child(_ span: UInt64) -> TraceContext {
        TraceContext(high: high, low: low, span: span, isSampled: isSampled)
    }

    /// The id of the whole trace: 32 small hexadecimal digits.
    public var traceID: String { TraceContext.text(high) + TraceContext.text(low) }

    /// The id of this piece of work in it: 16 small hexadecimal digits.
    public var spanID: String { TraceContext.text(span) }

    private static func text(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// The value of the header `traceparent`, version 00.
    public var description: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }
}

public import JSON

/// An answer while it is made: status, header fields, body.
///
/// One per thread, used again for each request.
public final class Response {
    /// The status code (RFC 9110, section 15).
    public var status: Int {
        get { code }
        set { code = newValue }
    }
    // Unchecked, and behind accessors, for the reason given at `Request`.
    @exclusivity(unchecked) private var code = 200
    /// The media type of the body; nil for none.
    package var contentType: StaticString? {
        get { type }
        set { type = newValue }
    }
    @exclusivity(unchecked) private var type: StaticString? = Response.json
    /// Whether the answer is for one person, so that no shared cache may keep it.
    package var isPersonal: Bool {
        get { personal }
        set { personal = newValue }
    }
    @exclusivity(unchecked) private var personal = false
    /// Whether a handler said who may keep the answer, and for how long.
    package var saysCaching: Bool { caching }
    @exclusivity(unchecked) private var caching = false
    /// Further header lines, each ended by CR LF.
    package var headers: [UInt8] { lines }
    @exclusivity(unchecked) private var lines: [UInt8] = []
    /// The entity tag of the answer, without its quotes; nil where it has none.
    package var tag: String? { etag }
    @exclusivity(unchecked) private var etag: String?
    /// Whether it has one.
    package var isTagged: Bool { tagged }
    @exclusivity(unchecked) private var tagged = false
    /// Whether there is one; asked for every answer, which a copy of the lines would make dear.
    package var hasHeaders: Bool { !lines.isEmpty }
    /// The body.
    public let body = JSONWriter()

    /// Writes values into the body; kept, because making one costs as much as a small answer.
    private lazy var encoder = DirectEncoder(body)

    package static let json: StaticString = "application/json"
    package static let problem: StaticString = "application/problem+json"
    package static let html: StaticString = "text/html; charset=utf-8"
    /// Lines of JSON.
    package static let lines: StaticString = "application/x-ndjson"
    /// Prometheus' text format.
    package static let metrics: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    package init() {}

    /// Writes a value as the JSON body.
    func encode(_ value: some Encodable) throws { try encoder.whole(value) }

    /// Takes an answer that was kept.
    ///
    /// It has its tag among the headers, and is no answer to a question that could be asked again.
    package func replay(status: Int, isJSON: Bool, headers: [UInt8], body: [UInt8]) {
        code = status
        type = isJSON ? Response.json : nil
        lines = headers
        caching = String(decoding: headers, as: UTF8.self).lowercased().contains("cache-control:")
        body.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { self.body.raw(start, bytes.count) }
        }
    }

    package func reset() {
        code = 200
        type = Response.json
        personal = false
        if !lines.isEmpty {
            lines.removeAll(keepingCapacity: true)
            caching = false
            (etag, tagged) = (nil, false)
        }
        body.reset()
    }

    /// Tags the answer with the version of what it shows and a digest of the body, which must be whole; see ``Versioned``.
    package func tag(version: Int64) {
        let opaque = "\(version).\(String(Digest.of(body.bytes), radix: 16))"
        (etag, tagged) = (opaque, true)
        add(header: "ETag", "\"\(opaque)\"")
    }

    /// Makes it the answer to somebody who has all of it already (RFC 9110, section 15.4.5).
    package func makeNotModified() {
        code = 304
        type = nil
        body.reset()
    }

    /// Adds a header field.
    ///
    /// CR, LF and NUL in the value, which would begin another field, are left out. Without a `Cache-Control` of the
    /// handler's, an answer to somebody signed in is `private`, and a page is `private, no-store`.
    public func add(header name: StaticString, _ value: String) {
        if name.utf8CodeUnitCount == 13, "\(name)".lowercased() == "cache-control" { caching = true }
        lines.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        lines.append(UInt8(ascii: ":"))
        lines.append(UInt8(ascii: " "))
        lines.append(contentsOf: value.utf8.lazy.filter { $0 != 13 && $0 != 10 && $0 != 0 })
        lines.append(13)
        lines.append(10)
    }
}

public import JSON

/// An answer while it is made: status, header fields, body. One per thread, used again for each request.
public final class Response {
    // Unchecked for the reason given at `Request`.
    /// The status code (RFC 9110, section 15).
    @exclusivity(unchecked) public var status = 200
    /// The media type of the body; nil for none.
    @exclusivity(unchecked) package var contentType: StaticString? = Response.json
    /// Further header lines, each ended by CR LF.
    @exclusivity(unchecked) package private(set) var headers: [UInt8] = []
    /// The body.
    public let body = JSONWriter()

    package static let json: StaticString = "application/json"
    package static let problem: StaticString = "application/problem+json"
    package static let html: StaticString = "text/html; charset=utf-8"
    package static let plain: StaticString = "text/plain; charset=utf-8"

    package init() {}

    package func reset() {
        status = 200
        contentType = Response.json
        if !headers.isEmpty { headers.removeAll(keepingCapacity: true) }
        body.reset()
    }

    /// Adds a header field. CR, LF and NUL in the value, which would begin another field, are left out.
    public func add(header name: StaticString, _ value: String) {
        headers.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        headers.append(UInt8(ascii: ":"))
        headers.append(UInt8(ascii: " "))
        headers.append(contentsOf: value.utf8.lazy.filter { $0 != 13 && $0 != 10 && $0 != 0 })
        headers.append(13)
        headers.append(10)
    }
}

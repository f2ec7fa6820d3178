internal import Lyceum

/// Writes the header of a CGI answer (RFC 3875, section 6): status, media type, and what every answer carries.
enum ResponseHead {
    private static let json: StaticString =
        "Status: 200\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    private static let type: StaticString = "\r\nContent-Type: "
    private static let sniff: StaticString = "\r\nX-Content-Type-Options: nosniff\r\n"
    private static let page: StaticString = """
        Content-Security-Policy: default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'\r
        Referrer-Policy: same-origin\r
        Cache-Control: private, no-store\r

        """

    /// Whether the answer is one like most: 200, JSON, and nothing more to say.
    static func isUsual(_ response: Response) -> Bool {
        response.status == 200 && response.contentType?.utf8Start == Response.json.utf8Start && response.headers.isEmpty
    }

    /// The whole header of such an answer.
    static var usual: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount)
    }

    static func write(_ response: Response, to head: inout [UInt8]) {
        append("Status: ", &head)
        head.append(contentsOf: String(response.status).utf8)
        if let contentType = response.contentType {
            append(type, &head)
            append(contentType, &head)
        }
        append(sniff, &head)
        if response.contentType?.utf8Start == Response.html.utf8Start { append(page, &head) }
        head.append(contentsOf: response.headers)
        head.append(13)
        head.append(10)
    }

    @inline(__always)
    private static func append(_ text: StaticString, _ head: inout [UInt8]) {
        head.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

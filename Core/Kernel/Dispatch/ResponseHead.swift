internal import JSON
internal import Lyceum

/// Writes the header of a CGI answer (RFC 3875, section 6): status, media type, and what every answer carries.
enum ResponseHead {
    private static let json: StaticString =
        "Status: 200 OK\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    private static let type: StaticString = "\r\nContent-Type: "
    private static let sniff: StaticString = "\r\nX-Content-Type-Options: nosniff\r\n"
    private static let page: StaticString = """
        Content-Security-Policy: default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'\r
        Referrer-Policy: same-origin\r

        """

    /// Whether the answer is one like most: 200, JSON, for everybody, and nothing more to say.
    static func isUsual(_ response: Response) -> Bool {
        response.status == 200 && response.contentType?.utf8Start == Response.json.utf8Start && !response.hasHeaders
            && !response.isPersonal
    }

    /// The whole header of such an answer.
    static var usual: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount)
    }

    /// - Parameter isHead: whether only the header goes out; then it says how long the body would be (RFC 9110, section 8.6),
    ///   which otherwise the web server does.
    static func write(_ response: Response, isHead: Bool, to head: inout [UInt8]) {
        append("Status: ", &head)
        head.append(contentsOf: String(response.status).utf8)
        append(reason(response.status), &head)
        if let contentType = response.contentType {
            append(type, &head)
            append(contentType, &head)
        }
        append(sniff, &head)
        let isPage = response.contentType?.utf8Start == Response.html.utf8Start
        if isPage { append(page, &head) }
        if !response.saysCaching {
            if isPage {
                append("Cache-Control: private, no-store\r\n", &head)
            } else if response.isPersonal {
                append("Cache-Control: private\r\n", &head)
            }
        }
        if isHead, response.status != 204, response.status != 304 {
            append("Content-Length: ", &head)
            head.append(contentsOf: String(response.body.count).utf8)
            append("\r\n", &head)
        }
        head.append(contentsOf: response.headers)
        head.append(13)
        head.append(10)
    }

    /// A space, and a few words for people.
    ///
    /// nginx passes on what it is given and nothing else, and of `HTTP/1.1 201` without a space after it strict clients
    /// say that it is no status line (RFC 9112, section 4).
    private static func reason(_ status: Int) -> StaticString {
        switch status {
        case 200: " OK"
        case 201: " Created"
        case 202: " Accepted"
        case 204: " No Content"
        case 303: " See Other"
        case 304: " Not Modified"
        case 400: " Bad Request"
        case 401: " Unauthorized"
        case 403: " Forbidden"
        case 404: " Not Found"
        case 405: " Method Not Allowed"
        case 409: " Conflict"
        case 412: " Precondition Failed"
        case 413: " Content Too Large"
        case 415: " Unsupported Media Type"
        case 422: " Unprocessable Content"
        case 428: " Precondition Required"
        case 429: " Too Many Requests"
        case 500: " Internal Server Error"
        case 503: " Service Unavailable"
        case ..<400: " Done"
        case ..<500: " Refused"
        default: " Failed"
        }
    }

    @inline(__always)
    private static func append(_ text: StaticString, _ head: inout [UInt8]) {
        head.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

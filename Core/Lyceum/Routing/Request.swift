internal import Glibc

/// What a client asked, as nginx passed it on: lent to a handler for the time of one request, then used again for the next.
///
/// The text behind it lies in the FastCGI parameters (RFC 3875 names) and is read where it lies.
public final class Request {
    // One thread uses a request, and no access to a property runs code that could make a second: so none is checked at run
    // time, which costs 70 instructions each (callgrind). The attribute does not reach other modules, hence the accessors.
    /// The parameters that every request is looked up by, found in one pass.
    package struct Parameters {
        package var region: UnsafePointer<CChar>?
        package var method: UnsafePointer<CChar>?
        package var target: UnsafePointer<CChar>?
        package var contentType: UnsafePointer<CChar>?
        package var contentLength: UnsafePointer<CChar>?
        package var cookie: UnsafePointer<CChar>?
        package var authorization: UnsafePointer<CChar>?
        package var host: UnsafePointer<CChar>?
        package var origin: UnsafePointer<CChar>?
        package var https: UnsafePointer<CChar>?
        package var requestID: UnsafePointer<CChar>?
        package var idempotencyKey: UnsafePointer<CChar>?

        package init() {}
    }

    @exclusivity(unchecked) private var found = Parameters()
    package var parameters: Parameters { found }
    // Those that every request is asked for, by themselves: all of them together are a hundred bytes to copy.
    package var regionName: UnsafePointer<CChar>? { found.region }
    package var requestID: UnsafePointer<CChar>? { found.requestID }
    package var hasCookie: Bool { found.cookie != nil }
    package var hasAuthorization: Bool { found.authorization != nil }
    package var hasIdempotencyKey: Bool { found.idempotencyKey != nil }
    @exclusivity(unchecked) package private(set) var environment: UnsafePointer<UnsafeMutablePointer<CChar>?>?
    /// The path of the request target, still percent-encoded, without its query.
    package var path: UnsafeBufferPointer<UInt8> { target.path }
    /// The query of the request target, without its question mark.
    package var query: UnsafeBufferPointer<UInt8> { target.query }
    @exclusivity(unchecked) private var target = Request.split(nil)
    /// Where the path's placeholders are, in the order of the route; filled by the router.
    package let captures = UnsafeMutablePointer<Range<Int>>.allocate(capacity: Request.maximumCaptures)
    package var captureCount: Int {
        get { captured }
        set { captured = newValue }
    }
    @exclusivity(unchecked) private var captured = 0
    /// The body, once the dispatcher has read it.
    @exclusivity(unchecked) package var body: [UInt8] = []

    /// Where the body is read from by a handler that takes it in pieces; nil for every other.
    package var source: (any BodySource)? {
        get { pieces }
        set { pieces = newValue }
    }
    @exclusivity(unchecked) private var pieces: (any BodySource)?

    /// The announced length of the body in bytes; nil when none was announced, or it is no number.
    package var announcedLength: Int? { found.contentLength.flatMap { Int(String(cString: $0)) } }

    /// Whether a page answers, not the API.
    package var isForPage: Bool {
        get { forPage }
        set { forPage = newValue }
    }
    @exclusivity(unchecked) private var forPage = false
    /// The list that the request asks for, to which cursors are bound: a digest of the region, the path and the filters.
    ///
    /// 0 where the query has no cursor among its fields.
    package var list: UInt32 {
        get { asked }
        set { asked = newValue }
    }
    @exclusivity(unchecked) private var asked: UInt32 = 0

    /// The most placeholders that a route may have.
    package static let maximumCaptures = 8

    package init() { captures.initialize(repeating: 0..<0, count: Request.maximumCaptures) }
    deinit { captures.deallocate() }

    /// Looks at a new request's parameters.
    ///
    /// They must live until the next call.
    package func load(_ environment: UnsafePointer<UnsafeMutablePointer<CChar>?>) {
        self.environment = environment
        captureCount = 0
        asked = 0
        var found = Parameters()
        var entry = environment
        while let text = entry.pointee {
            entry += 1
            // Twelve parameters matter here. The letter after the common beginning tells most apart before they are compared.
            switch UInt8(bitPattern: text[0]) {
            case UInt8(ascii: "R") where begins(text, "REQUEST_"):
                switch UInt8(bitPattern: text[8]) {
                case UInt8(ascii: "M"): if let value = value(text, "REQUEST_METHOD=") { found.method = value }
                case UInt8(ascii: "U"): if let value = value(text, "REQUEST_URI=") { found.target = value }
                case UInt8(ascii: "I"): if let value = value(text, "REQUEST_ID=") { found.requestID = value }
                default: break
                }
            case UInt8(ascii: "L"):
                if let value = value(text, "LYCEUM_REGION=") { found.region = value }
            case UInt8(ascii: "C") where begins(text, "CONTENT_"):
                switch UInt8(bitPattern: text[8]) {
                case UInt8(ascii: "T"): if let value = value(text, "CONTENT_TYPE=") { found.contentType = value }
                case UInt8(ascii: "L"): if let value = value(text, "CONTENT_LENGTH=") { found.contentLength = value }
                default: break
                }
            case UInt8(ascii: "H"):
                guard begins(text, "HTTP") else { break }
                switch UInt8(bitPattern: text[4] == CChar(bitPattern: UInt8(ascii: "_")) ? text[5] : text[4]) {
                case UInt8(ascii: "C"): if let value = value(text, "HTTP_COOKIE=") { found.cookie = value }
                case UInt8(ascii: "A"):
                    if let value = value(text, "HTTP_AUTHORIZATION=") { found.authorization = value }
                case UInt8(ascii: "H"): if let value = value(text, "HTTP_HOST=") { found.host = value }
                case UInt8(ascii: "O"): if let value = value(text, "HTTP_ORIGIN=") { found.origin = value }
                case UInt8(ascii: "I"):
                    if let value = value(text, "HTTP_IDEMPOTENCY_KEY=") { found.idempotencyKey = value }
                case UInt8(ascii: "S"): if let value = value(text, "HTTPS=") { found.https = value }
                default: break
                }
            default: break
            }
        }
        self.found = found
        target = Request.split(found.target)
    }

    private static func split(
        _ target: UnsafePointer<CChar>?
    ) -> (path: UnsafeBufferPointer<UInt8>, query: UnsafeBufferPointer<UInt8>) {
        let none = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        guard let target else { return (none, none) }
        let start = UnsafeRawPointer(target).assumingMemoryBound(to: UInt8.self)
        let length = strlen(target)
        guard let mark = memchr(start, Int32(UInt8(ascii: "?")), length) else {
            return (.init(start: start, count: length), none)
        }
        let count = UnsafeRawPointer(mark) - UnsafeRawPointer(start)
        return (.init(start: start, count: count), .init(start: start + count + 1, count: length - count - 1))
    }

    /// Whether a text begins with a name; the text's final zero ends the comparison at the latest.
    @inline(__always)
    private func begins(_ text: UnsafePointer<CChar>, _ name: StaticString) -> Bool {
        for index in 0..<name.utf8CodeUnitCount where UInt8(bitPattern: text[index]) != name.utf8Start[index] {
            return false
        }
        return true
    }

    @inline(__always)
    private func value(_ entry: UnsafeMutablePointer<CChar>, _ name: StaticString) -> UnsafePointer<CChar>? {
        begins(entry, name) ? UnsafePointer(entry + name.utf8CodeUnitCount) : nil
    }

    /// The method, or nil for one that no route can have.
    public var method: Method? { Request.method(parameters.method) }

    /// Compared byte by byte: this runs for every request.
    private static func method(_ text: UnsafePointer<CChar>?) -> Method? {
        guard let text else { return nil }
        return switch UInt8(bitPattern: text[0]) {
        case UInt8(ascii: "G") where strcmp(text, "GET") == 0: .get
        case UInt8(ascii: "D") where strcmp(text, "DELETE") == 0: .delete
        case UInt8(ascii: "P") where strcmp(text, "POST") == 0: .post
        case UInt8(ascii: "P") where strcmp(text, "PUT") == 0: .put
        case UInt8(ascii: "P") where strcmp(text, "PATCH") == 0: .patch
        case UInt8(ascii: "O") where strcmp(text, "OPTIONS") == 0: .options
        default: nil
        }
    }

    /// The method as it was sent.
    package func isMethod(_ name: StaticString) -> Bool {
        guard let sent = parameters.method else { return false }
        return strcmp(sent, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)) == 0
    }

    /// The path as it was sent, percent-encoded.
    public var rawPath: String { String(decoding: path, as: UTF8.self) }

    /// A header by its name in the form `Accept-Language`; nil when it was not sent.
    public func header(_ name: String) -> String? {
        parameter("HTTP_" + String(name.uppercased().map { $0 == "-" ? "_" : $0 }))
    }

    /// The address of the client as nginx saw it.
    public var remoteAddress: String? { parameter("REMOTE_ADDR") }

    /// A FastCGI parameter by its name.
    package func parameter(_ name: String) -> String? {
        guard var entry = environment else { return nil }
        let prefix = name + "="
        while let text = entry.pointee {
            entry += 1
            if strncmp(text, prefix, prefix.utf8.count) == 0 { return String(cString: text + prefix.utf8.count) }
        }
        return nil
    }

    /// The bytes of a placeholder, percent-encoded.
    package func capture(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: path[captures[index]])
    }

    /// A cookie by its name (RFC 6265, section 5.4); the first one when there are several.
    public func cookie(_ name: String) -> String? {
        guard let cookie = parameters.cookie else { return nil }
        for pair in String(cString: cookie).split(separator: ";") {
            let pair = pair.drop { $0 == " " }
            guard let equals = pair.firstIndex(of: "=") else { continue }
            if pair[..<equals] == name { return String(pair[pair.index(after: equals)...]) }
        }
        return nil
    }

    /// The token of an `Authorization: Bearer` header (RFC 6750, section 2.1).
    package var bearerToken: String? {
        guard let header = parameters.authorization, strncasecmp(header, "Bearer ", 7) == 0 else { return nil }
        return String(cString: header + 7)
    }

    /// Whether the client speaks HTTPS with nginx.
    public var isSecure: Bool { parameters.https.map { $0.pointee != 0 && strcasecmp($0, "off") != 0 } ?? false }

    /// Whether the media type of the body is `type`, whatever its parameters (RFC 9110, section 8.3.1).
    package func hasContentType(_ type: StaticString) -> Bool {
        guard let sent = parameters.contentType else { return false }
        let wanted = UnsafeRawPointer(type.utf8Start).assumingMemoryBound(to: CChar.self)
        guard strncasecmp(sent, wanted, type.utf8CodeUnitCount) == 0 else { return false }
        let next = UInt8(bitPattern: sent[type.utf8CodeUnitCount])
        return next == 0 || next == UInt8(ascii: ";") || next == UInt8(ascii: " ")
    }

    /// Whether the client announced a body.
    ///
    /// nginx always says how long one is, chunked ones included, because it reads them
    /// first; an empty or missing length means none.
    package var announcesBody: Bool { found.contentLength.map { $0.pointee != 0 } ?? false }
}

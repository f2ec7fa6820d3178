/// A file as the answer to a request: nginx sends it, with ranges and from the disk to the network, once the worker has said which.
///
/// The worker's answer is an `X-Accel-Redirect` to an address that only nginx itself can go to (nginx/lyceum-locations.conf).
/// That header is never passed on, and one that a client sends is no answer.
public struct SentFile: Answer {
    /// Where a browser shows what it is sent.
    public enum Disposition: Sendable {
        /// In its window, where it can.
        case inline
        /// Among the downloads.
        case attachment
    }

    private let region: String
    private let path: String
    private let type: String
    private let name: String
    private let disposition: Disposition
    private let policy: String?
    private let caching: String

    /// Sends a file.
    ///
    /// - Parameters:
    ///   - region: where.
    ///   - path: where it lies below ``Region/files``: letters, digits, hyphens, dots and slashes.
    ///   - type: its media type, which browsers are told not to doubt.
    ///   - name: what it is called where it is saved.
    ///   - disposition: whether it is shown or saved.
    ///   - policy: the `Content-Security-Policy` under which a browser shows it.
    ///   - caching: the value of `Cache-Control`.
    public init(
        _ region: Region, _ path: String, type: String, name: String, _ disposition: Disposition = .attachment,
        policy: String? = "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        caching: String = "private, no-cache"
    ) {
        (self.path, self.type, self.name, self.disposition) = (path, type, name, disposition)
        (self.region, self.policy, self.caching) = (region.id, policy, caching)
    }

    /// No JSON.
    public static func answer(_ book: Book) throws -> Schema? { nil }

    /// Writes the header fields from which nginx makes the answer.
    public func write(to response: Response) throws {
        guard !path.isEmpty, !path.contains(".."), path.utf8.allSatisfy(SentFile.isPlain) else {
            throw MisuseError("\(path) is no path of letters, digits, hyphens, dots and slashes")
        }
        response.contentType = nil
        response.add(header: "X-Accel-Redirect", "/lyceum-files/\(region)/\(path)")
        response.add(header: "Content-Type", type)
        response.add(header: "Content-Disposition", SentFile.disposition(disposition, name))
        response.add(header: "Cache-Control", caching)
        if let policy { response.add(header: "Content-Security-Policy", policy) }
    }

    /// A `Content-Disposition` (RFC 6266): a name that is safe for every client and, where that loses something, the whole
    /// name as RFC 8187 has it.
    static func disposition(_ kind: Disposition, _ name: String) -> String {
        let kind = kind == .inline ? "inline" : "attachment"
        let plain = String(
            decoding: name.unicodeScalars.map { scalar in
                let isSafe = (0x20...0x7E).contains(scalar.value) && !"\"\\%/;".unicodeScalars.contains(scalar)
                return isSafe ? UInt8(scalar.value) : UInt8(ascii: "_")
            }, as: UTF8.self)
        let short = "\(kind); filename=\"\(plain)\""
        guard plain != name else { return short }
        // What is unreserved in an address is a subset of RFC 8187's attr-char, but for the slash.
        return short + "; filename*=UTF-8''" + FormEncoding.encode(name).replacing("/", with: "%2F")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "-")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

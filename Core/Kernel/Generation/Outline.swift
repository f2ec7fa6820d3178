internal import Glibc
internal import JSON
internal import Lyceum

/// What a generation consists of, in words: written beside it, so that `lyceum plan` can tell what another one changes without
/// loading the plugins of both.
public struct Outline: Codable, Sendable, Equatable {
    /// One thing that a region has, such as a route.
    public struct Item: Codable, Sendable, Equatable {
        /// What it is, one of ``Outline/kinds``.
        public var kind: String
        /// Its name, unique among those of its kind in the region: `GET /api/courses`.
        public var name: String
        /// What may change about it: `public`.
        public var value: String
        /// Of a secret, in place of its value: a digest by which a change is seen.
        public var secret: String?

        init(_ kind: String, _ name: String, _ value: String = "", secret: String? = nil) {
            (self.kind, self.name, self.value, self.secret) = (kind, name, value, secret)
        }
    }

    /// A region.
    public struct Region: Codable, Sendable, Equatable {
        /// Its name in addresses.
        public var id: String
        /// What it has.
        public var items: [Item]

        /// The plugins with their versions: `accounts 1.0.0, courses 1.0.0`.
        public var plugins: String {
            items.filter { $0.kind == "plugin" }.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
        }

        /// A digest of all of it: two hosts with the same one serve the same, each by its own way to the database.
        public var digest: String {
            let text = items.filter { $0.kind != "region" || $0.name != "database" }.map {
                "\($0.kind)\u{1}\($0.name)\u{1}\($0.value)\u{1}\($0.secret ?? "")"
            }
            .joined(separator: "\u{2}")
            return hexadecimal(Secrets.fingerprint(text).prefix(8))
        }
    }

    /// What is the same for all regions: workers and limits.
    public var installation: [Item]
    /// The regions, in the order of the configuration.
    public var regions: [Region]

    /// The kinds of items, in the order in which they are shown.
    public static let kinds = [
        "schema", "region", "rate limit", "plugin", "setting", "permission", "event", "hook point", "guard",
        "collector", "service",
        "route", "page", "listener", "job", "installation", "library", "workers", "limit",
    ]

    // Once for each process, as that of a generation.
    private static let schema = Result { try Book().object(Outline.self) }

    /// The name of the file within the generation's directory.
    public static let name = "outline.json"

    /// Writes it into a directory that exists.
    public func write(directory: String) throws {
        let out = JSONWriter()
        try out.encode(self)
        try GenerationFile.write(UnsafeRawBufferPointer(out.bytes), path: directory + "/" + Outline.name)
    }

    /// Reads that of a directory.
    ///
    /// - Throws: a sentence that names the file.
    public static func read(directory: String) throws -> Outline {
        let path = directory + "/" + name
        let bytes = try GenerationFile.contents(of: path)
        do {
            return try EventCoding.value(
                Outline.self, String(decoding: bytes, as: UTF8.self), try schema.get())
        } catch let faults as Faults {
            throw GenerationError(
                "\(path) is not an outline: "
                    + faults.list.map { "\($0.pointer) \($0.sentence)" }.joined(separator: "; "))
        }
    }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}

/// Who a plugin is, and which other plugins it needs.
public struct Manifest: Sendable {
    /// The plugin's name: small letters, digits and hyphens, beginning with a letter.
    ///
    /// It prefixes every name the plugin uses.
    public let id: String
    /// The plugin's own version.
    public let version: Version
    /// The plugins without which this one does not work.
    ///
    /// They are enabled before it.
    public let requires: [Requirement]
    /// The plugins that this one uses where they are enabled.
    ///
    /// Where one is, it must be of a version that fits.
    public let optional: [Requirement]

    /// Describes a plugin; the id is checked when the plugin is registered.
    public init(id: String, version: Version, requires: [Requirement] = [], optional: [Requirement] = []) {
        (self.id, self.version, self.requires, self.optional) = (id, version, requires, optional)
    }

    /// Whether the id is well formed: `[a-z][a-z0-9-]{0,39}`.
    package var hasValidID: Bool {
        guard let first = id.utf8.first, id.utf8.count <= 40, (97...122).contains(first) else { return false }
        return id.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }

    /// The schema of the plugin in every database: its id with underscores.
    public var schema: String { String(id.map { $0 == "-" ? "_" : $0 }) }
}

/// Another plugin, and the versions of it that fit.
public struct Requirement: Sendable, CustomStringConvertible {
    /// The other plugin's id.
    public let id: String
    /// The lowest version that fits; every later one of the same major version fits too.
    public let from: Version

    /// The plugin `id` from `from` up to, but not including, the next major version.
    public static func plugin(_ id: String, from: Version) -> Requirement { Requirement(id: id, from: from) }

    /// Whether a version satisfies this requirement.
    public func accepts(_ version: Version) -> Bool { version >= from && version.major == from.major }

    /// For a person: `courses 1.2.0 or later, before 2.0.0`.
    public var description: String { "\(id) \(from) or later, before \(from.major + 1).0.0" }
}

/// A version of three numbers, as in Semantic Versioning 2.0.0 (semver.org), without pre-releases.
public struct Version: Sendable, Hashable, Comparable, ExpressibleByStringLiteral, LosslessStringConvertible {
    /// Changes when something breaks.
    public let major: Int
    /// Changes when something is added.
    public let minor: Int
    /// Changes when something is mended.
    public let patch: Int

    /// Reads `1.2.3`; nil unless it is three numbers.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in part.utf8.allSatisfy { (48...57).contains($0) } ? Int(part) : nil }
        guard parts.count == 3, numbers.count == 3 else { return nil }
        (major, minor, patch) = (numbers[0], numbers[1], numbers[2])
    }

    /// Reads a literal.
    ///
    /// A literal that is no version is a mistake of the program's author and stops it.
    public init(stringLiteral text: StaticString) {
        guard let version = Version("\(text)") else {
            preconditionFailure("\(text) is no version; write three numbers, such as 1.0.0")
        }
        self = version
    }

    /// Orders by major, then minor, then patch.
    public static func < (left: Version, right: Version) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    /// `1.2.3`.
    public var description: String { "\(major).\(minor).\(patch)" }
}

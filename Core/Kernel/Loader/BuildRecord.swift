/// What a binary says it was built from: the compiler, and a digest of each module of the contract.
///
/// Written by the build (Core/Plugins/Fingerprint) as one line of text, `lyceum-record:1;NAME=VALUE;…;end`, which `strings`
/// shows too. The number is the version of this notation.
public struct BuildRecord: Sendable, Hashable {
    /// The release of the platform whose sources were used; for people, never compared.
    public let release: String
    /// The compiler, as it names itself.
    public let compiler: String
    /// Each module and the digest of its sources, in the record's order.
    public let modules: [Module]

    /// A module and the digest of its sources.
    public struct Module: Sendable, Hashable {
        /// The module's name, or `Package.swift` for the settings that all are compiled with.
        public let name: String
        /// SHA-256 in hexadecimal.
        public let digest: String
    }

    static let opening = "lyceum-record:1;"
    static let closing = "end"
    /// No record is longer; a text that is cannot be one.
    static let longest = 16_384

    /// Reads a record's text; nil unless it is well formed and has a release, a compiler and at least one module.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.opening), text.hasSuffix(";" + Self.closing) else { return nil }
        var fields: [(name: String, value: String)] = []
        for field in text.dropFirst(Self.opening.count).dropLast(Self.closing.count + 1).split(separator: ";") {
            guard let equals = field.firstIndex(of: "=") else { return nil }
            fields.append((String(field[..<equals]), String(field[field.index(after: equals)...])))
        }
        guard fields.count > 2, fields[0].name == "release", fields[1].name == "compiler" else { return nil }
        (release, compiler) = (fields[0].value, fields[1].value)
        modules = fields.dropFirst(2).map { Module(name: $0.name, digest: $0.value) }
        guard modules.allSatisfy({ $0.digest.utf8.count == 64 }) else { return nil }
    }

    init?(_ text: StaticString) { self.init("\(text)") }

    /// The modules of this record whose sources are others in the host, or that the host does not have.
    ///
    /// Only what this record names is compared, so a change of a module that a plugin does not import strands nobody.
    public func modulesUnlike(_ host: BuildRecord) -> [String] {
        modules.filter { !host.modules.contains($0) }.map(\.name)
    }
}

internal import JSON
public import Lyceum

/// A plugin that this process can run, whether it was linked or loaded.
public struct KnownPlugin: Sendable {
    /// Where a plugin came from.
    public enum Origin: Sendable, CustomStringConvertible {
        /// It is part of the platform.
        case linked
        /// A third party compiled it into this file.
        case library(String)

        /// For lists: `built in`, or the file.
        public var description: String {
            switch self {
            case .linked: "built in"
            case .library(let path): path
            }
        }
    }

    /// Where it came from.
    public let origin: Origin
    /// Its type, behind which everything else is.
    public let type: any Plugin.Type

    /// Knows a plugin.
    public init(_ type: any Plugin.Type, origin: Origin = .linked) { (self.type, self.origin) = (type, origin) }

    /// Who it is.
    public var manifest: Manifest { type.manifest }
    /// Its id.
    public var id: String { type.manifest.id }
    /// What exists wherever it is installed.
    public var declarations: [any Declaration] { type.declarations }

    /// What it does with these settings.
    ///
    /// - Throws: `Faults` when the settings are wrong.
    func contributions(settings: String, _ book: Book) throws -> [any Contribution] {
        try type.contributions(settings: settings, book)
    }

    /// What its settings may be.
    public func settings() throws -> ObjectSchema { try type.settings(Book()) }

    /// Checks settings without making the plugin; the faults, if any, point into the settings.
    public func check(settings: String) throws { _ = try type.read(settings: settings, Book()) }
}

// Members of the protocol, because a call of a member opens `any Plugin.Type`, and a call of a generic function does not.
extension Plugin {
    static func read(settings: String, _ book: Book) throws -> Settings {
        try InputReader.json(Settings.self, Array(settings.utf8), try book.object(Settings.self))
    }

    static func settings(_ book: Book) throws -> ObjectSchema { try book.object(Settings.self) }

    static func contributions(settings: String, _ book: Book) throws -> [any Contribution] {
        Self().contributions(try read(settings: settings, book))
    }
}

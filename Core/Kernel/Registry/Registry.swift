public import Lyceum

/// All the plugins that this process can run, each id once.
public struct Registry: Sendable {
    /// The plugins by id.
    public private(set) var plugins: [String: KnownPlugin] = [:]

    /// Makes an empty registry.
    public init() {}

    /// Makes a registry of the platform's own plugins.
    ///
    /// - Throws: ``RegistryError`` as ``add(_:)`` does.
    public init(_ linked: [any Plugin.Type]) throws(RegistryError) {
        for type in linked { try add(KnownPlugin(type)) }
    }

    /// Adds a plugin.
    ///
    /// - Throws: ``RegistryError`` when its id is malformed or taken, when a name it declares does not carry its id, or when it
    ///   does not say what its tables hold about people.
    public mutating func add(_ plugin: KnownPlugin) throws(RegistryError) {
        guard plugin.manifest.hasValidID, !Registry.taken.contains(plugin.id) else {
            throw RegistryError(
                """
                the plugin id "\(plugin.id)" (\(plugin.origin)) is not accepted: write up to 40 small letters, digits and \
                hyphens, beginning with a letter; admin, api, assets and lyceum are taken by the platform
                """)
        }
        if let other = plugins[plugin.id] {
            throw RegistryError(
                """
                two plugins have the id "\(plugin.id)": version \(other.manifest.version) (\(other.origin)) and version \
                \(plugin.manifest.version) (\(plugin.origin)); remove one of them from the configuration
                """)
        }
        let declarations = AskedPlugin.asking(
            "the plugin \(plugin.id) (\(plugin.origin))", "when it was asked what it declares"
        ) { plugin.declarations }
        for declaration in declarations {
            guard let name = Registry.name(of: declaration), !name.hasPrefix(plugin.id + ".") else { continue }
            throw RegistryError(
                """
                the plugin \(plugin.id) (\(plugin.origin)) declares \(declaration.summary), but its names begin with \
                "\(plugin.id)."
                """)
        }
        if let mistake = PersonalDataReview(plugin).mistake() {
            throw RegistryError("the plugin \(plugin.id) (\(plugin.origin)) \(mistake)")
        }
        plugins[plugin.id] = plugin
    }

    /// Ids that would stand before the platform's own addresses and names.
    private static let taken: Set<String> = ["admin", "api", "assets", "lyceum"]

    private static func name(of declaration: any Declaration) -> String? {
        switch declaration {
        case let permission as Permission: permission.id
        case let event as Emits: event.name
        case let point as HookPoint: point.id
        default: nil
        }
    }

    /// The ids, sorted.
    public var ids: [String] { plugins.keys.sorted() }
}

/// Why plugins cannot run together, in one sentence that names both sides.
public struct RegistryError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) { self.description = description }
}

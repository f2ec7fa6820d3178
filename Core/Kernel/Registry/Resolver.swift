internal import Lyceum

/// Decides whether a set of plugins can be enabled together, and in which order.
///
/// Pure: it reads manifests only.
public enum Resolver {
    /// Orders plugins so that each comes after those it needs, and otherwise by id, so that every process agrees.
    ///
    /// - Throws: ``RegistryError`` for a plugin that is unknown, missing or of a version that does not fit, and for a cycle,
    ///   which is named all the way round.
    public static func order(
        _ wanted: [String], in registry: Registry, region: String
    ) throws(RegistryError) -> [KnownPlugin] {
        var enabled: [String: KnownPlugin] = [:]
        for id in wanted {
            guard let plugin = registry.plugins[id] else {
                let near =
                    nearest(id, registry.ids).map { "; did you mean \"\($0)\"?" }
                    ?? "; known are \(registry.ids.joined(separator: ", "))"
                throw RegistryError("region \(region) enables the plugin \"\(id)\", which nobody provides\(near)")
            }
            guard enabled.updateValue(plugin, forKey: id) == nil else {
                throw RegistryError("region \(region) enables the plugin \"\(id)\" twice")
            }
        }
        for id in enabled.keys.sorted() {
            guard let plugin = enabled[id] else { continue }
            try check(plugin, enabled, region)
        }
        return try sort(enabled, region)
    }

    private static func check(
        _ plugin: KnownPlugin, _ enabled: [String: KnownPlugin], _ region: String
    ) throws(RegistryError) {
        let manifest = plugin.manifest
        for need in manifest.requires {
            guard let other = enabled[need.id] else {
                throw RegistryError(
                    """
                    region \(region) enables \(manifest.id) \(manifest.version), which requires \(need), but does not enable \
                    \(need.id); enable it, or disable \(manifest.id)
                    """)
            }
            try compare(manifest, need, other, region)
        }
        for need in manifest.optional {
            if let other = enabled[need.id] { try compare(manifest, need, other, region) }
        }
    }

    private static func compare(
        _ manifest: Manifest, _ need: Requirement, _ other: KnownPlugin, _ region: String
    ) throws(RegistryError) {
        guard !need.accepts(other.manifest.version) else { return }
        throw RegistryError(
            """
            region \(region): \(manifest.id) \(manifest.version) works with \(need), but \(other.id) is \
            \(other.manifest.version) (\(other.origin))
            """)
    }

    private static func sort(
        _ enabled: [String: KnownPlugin], _ region: String
    ) throws(RegistryError) -> [KnownPlugin] {
        var order: [KnownPlugin] = []
        var done: Set<String> = []
        var path: [String] = []
        func visit(_ id: String) throws(RegistryError) {
            guard let plugin = enabled[id], !done.contains(id) else { return }
            if let start = path.firstIndex(of: id) {
                let cycle = (path[start...] + [id]).joined(separator: " -> ")
                throw RegistryError(
                    "region \(region): plugins require each other in a circle: \(cycle); one of them must let go")
            }
            path.append(id)
            let needs = (plugin.manifest.requires + plugin.manifest.optional).map(\.id).sorted()
            for need in needs { try visit(need) }
            path.removeLast()
            done.insert(id)
            order.append(plugin)
        }
        for id in enabled.keys.sorted() { try visit(id) }
        return order
    }
}

internal import Lyceum

/// A listener of a region, its payload described: what is wrong with one is found before anything is served.
struct DeclaredListener: Sendable {
    /// The name of its cursors.
    let name: String
    let plugin: String
    let topic: String
    let major: Int
    let start: Listener.Start
    let lanes: Int
    let prepared: PreparedListener

    /// The listeners of a region, in the order of its plugins.
    ///
    /// - Throws: a sentence that names a listener whose payload cannot be described.
    static func all(_ plan: RegionPlan) throws -> [DeclaredListener] {
        try plan.all(Listener.self).map { plugin, listener in
            let name = "\(plugin).\(listener.id)"
            do {
                return DeclaredListener(
                    name: name, plugin: plugin, topic: listener.topic, major: listener.major, start: listener.start,
                    lanes: listener.lanes, prepared: try listener.prepare(Book()))
            } catch {
                throw RegistryError("region \(plan.entry.id): the listener \(name) cannot be prepared: \(error)")
            }
        }
    }
}

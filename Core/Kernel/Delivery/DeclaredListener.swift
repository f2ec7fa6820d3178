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
    /// Its number among the things that threads do.
    let work: UInt64

    /// The listeners of a region, in the order of its plugins.
    ///
    /// - Throws: a sentence that names a listener whose payload cannot be described.
    static func all(_ plan: RegionPlan, _ work: WorkTable) throws -> [DeclaredListener] {
        try plan.all(Listener.self).map { plugin, listener in
            let name = "\(plugin).\(listener.id)"
            do {
                return DeclaredListener(
                    name: name, plugin: plugin, topic: listener.topic, major: listener.major, start: listener.start,
                    lanes: listener.lanes, prepared: try listener.prepare(Book()),
                    work: work.number(.listener, region: plan.entry.id, plugin: plugin, name: name))
            } catch {
                throw RegistryError("region \(plan.entry.id): the listener \(name) cannot be prepared: \(error)")
            }
        }
    }
}

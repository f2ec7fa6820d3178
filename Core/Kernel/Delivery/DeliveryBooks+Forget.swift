internal import Lyceum
internal import PostgreSQL

extension DeliveryBooks {
    /// Forgets a listener that nobody serves: neither who asks, with these plugins, nor another host.
    ///
    /// - Throws: ``Refusal`` that names who does.
    func forget(_ listener: String, servedBy plan: RegionPlan) throws {
        guard !plan.listeners.contains(where: { $0.name == listener }) else {
            throw Refusal(
                description: "\(listener) belongs to an enabled plugin; only what no plugin has can be forgotten",
                isUnknown: false)
        }
        let plugin = listener.prefix { $0 != "." }
        let own = plan.plugins.first { $0.plugin.id == plugin }.map { "\(plugin) \($0.plugin.manifest.version)" }
        for host in try HostRecord.all(connection) where host.isLive {
            // Where the same version serves, its listeners are those that are known here.
            guard let served = host.plugins.split(separator: ", ").first(where: { $0.hasPrefix(plugin + " ") }),
                served != own ?? "", !served.hasSuffix(" failed")
            else { continue }
            throw Refusal(
                description:
                    "\(host.name) serves \(served), which may have \(listener); bring it up to date first",
                isUnknown: false)
        }
        try forget(listener)
    }
}

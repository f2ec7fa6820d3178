internal import JSON
internal import Lyceum

/// What `/health/…` answers, where no region is named: to whoever may reach that server, which is not for strangers.
///
///     /health/live              200 as long as this process answers; nothing is looked at
///     /health/ready             how each region is; 503 only when none can be served
///     /health/ready/<region>    how one region is; 503 when it cannot be served
///
/// One region whose database is away takes no other out of a load balancer: the whole is `degraded` and still 200. Who balances
/// regions apart asks for each.
enum HealthPages {
    static func live(_ installation: Installation, _ response: Response) {
        let out = response.body
        out.openObject()
        text("status", "alive", out)
        out.key("generation")
        out.int(Int64(installation.generation.revision))
        out.closeObject()
    }

    /// - Parameter region: only that one; nil: all.
    static func ready(_ installation: Installation, region: String?, _ response: Response) throws {
        let probes = installation.probes.filter { region == nil || $0.plan.entry.id == region }
        if let region, probes.isEmpty { throw KernelPages.unknownRegion(region) }
        let begun = probes.map { ($0, $0.health.begin()) }
        let found = begun.map { probe, round in (probe.plan, probe.health.answer(to: round) ?? .silent) }
        let unready = found.count { plan, health in health.reason(plan) != nil }
        let status = unready == 0 ? "ready" : unready < found.count ? "degraded" : "unavailable"
        response.status = status == "unavailable" ? 503 : 200
        let out = response.body
        out.openObject()
        text("status", status, out)
        out.key("generation")
        out.int(Int64(installation.generation.revision))
        out.key("regions")
        out.openObject()
        for (plan, health) in found {
            out.key(named: plan.entry.id)
            write(plan, health, out)
        }
        out.closeObject()
        out.closeObject()
    }

    private static func write(_ plan: RegionPlan, _ health: RegionHealth, _ out: JSONWriter) {
        let reason = health.reason(plan)
        out.openObject()
        text("status", reason == nil ? "ready" : "unavailable", out)
        if let reason { text("reason", reason, out) }
        text("database", health.database.rawValue, out)
        out.key("plugins")
        out.openObject()
        for plugin in PluginStanding.all(plan, health) {
            out.key(named: plugin.id)
            out.openObject()
            text("state", plugin.state, out)
            if let installed = plugin.installed { text("installed", installed, out) }
            if let wanted = plugin.wanted { text("wanted", wanted, out) }
            if !plugin.quarantined.isEmpty {
                out.key("quarantined")
                out.openList()
                for listener in plugin.quarantined {
                    out.comma()
                    out.string(listener)
                }
                out.closeList()
            }
            out.closeObject()
        }
        out.closeObject()
        out.closeObject()
    }

    private static func text(_ name: StaticString, _ value: String, _ out: JSONWriter) {
        out.key(name)
        out.string(value)
    }
}

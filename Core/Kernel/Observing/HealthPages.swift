internal import JSON
internal import Lyceum

/// What `/health/…` answers, where no region is named: to whoever may reach that server, which is not for strangers.
///
///     /health/live              200 as long as this process answers; nothing is looked at
///     /health/ready             how each region is; 503 only when none can be served
///     /health/ready/<region>    how one region is; 503 when it cannot be served
///
/// One region whose database is away takes no other out of a load balancer: the whole is `degraded` and still 200. Who balances
/// regions apart asks for each. A region that is served without a plugin, because that could not be loaded, is `degraded` too.
enum HealthPages {
    static func live(_ installation: Installation, _ response: Response) {
        let out = response.body
        out.openObject()
        text("status", "alive", out)
        write(installation.generation, out)
        out.closeObject()
    }

    /// - Parameter region: only that one; nil: all.
    static func ready(_ installation: Installation, region: String?, _ response: Response) throws {
        let probes = installation.probes.filter { region == nil || $0.plan.entry.id == region }
        if let region, probes.isEmpty { throw KernelPages.unknownRegion(region) }
        let begun = probes.map { ($0, health: $0.health.begin(), owed: $0.owed?.begin()) }
        let found = begun.map { probe, health, owed in
            // What a plugin owes is its own to say; whether it does is no part of how the region is.
            let owed = owed.flatMap { probe.owed?.answer(to: $0) } ?? [:]
            return (plan: probe.plan, health: probe.health.answer(to: health) ?? .silent, owed: owed)
        }
        let unready = found.count { $0.health.reason($0.plan) != nil }
        let isWhole = unready == 0 && found.allSatisfy { $0.plan.entry.failed.isEmpty }
        let status = isWhole ? "ready" : unready < found.count ? "degraded" : "unavailable"
        response.status = status == "unavailable" ? 503 : 200
        let out = response.body
        out.openObject()
        text("status", status, out)
        write(installation.generation, out)
        out.key("regions")
        out.openObject()
        for (plan, health, owed) in found {
            out.key(named: plan.entry.id)
            write(plan, health, owed, out)
        }
        out.closeObject()
        out.closeObject()
    }

    /// The number that serves, and after a rollback which one it is again.
    private static func write(_ generation: Generation, _ out: JSONWriter) {
        out.key("generation")
        out.int(Int64(generation.revision))
        guard let restored = generation.restored else { return }
        out.key("restored")
        out.int(Int64(restored))
    }

    private static func write(
        _ plan: RegionPlan, _ health: RegionHealth, _ owed: [String: [RegionWork.Obligation]], _ out: JSONWriter
    ) {
        let reason = health.reason(plan)
        let failed = plan.entry.failed.map(\.id).joined(separator: ", ")
        out.openObject()
        text("status", reason != nil ? "unavailable" : failed.isEmpty ? "ready" : "degraded", out)
        if let reason {
            text("reason", reason, out)
        } else if !failed.isEmpty {
            text("reason", "without \(failed)", out)
        }
        text("database", health.database.rawValue, out)
        out.key("plugins")
        out.openObject()
        for plugin in PluginStanding.all(plan, health) {
            out.key(named: plugin.id)
            out.openObject()
            text("state", plugin.state, out)
            if let reason = plugin.reason { text("reason", reason, out) }
            if let installed = plugin.installed { text("installed", installed, out) }
            if let wanted = plugin.wanted { text("wanted", wanted, out) }
            if let owed = owed[plugin.id] {
                out.key("owed")
                out.openObject()
                for one in owed {
                    out.key(named: one.about)
                    out.int(Int64(one.count))
                }
                out.closeObject()
            }
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

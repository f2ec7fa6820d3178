internal import ArgumentParser
internal import Kernel
internal import PostgreSQL

/// The command `lyceum regions`.
struct RegionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "regions",
        abstract: "List the regions, their plugins and whether their databases answer.",
        discussion: """
            Example:
              lyceum regions --json
            """)

    @OptionGroup var site: Site
    @OptionGroup var output: OutputChoice

    func run() throws {
        let resolution = try Resolution.looking(site, try Configuration(directory: site.config))
        var notes: [String] = []
        let rows = try resolution.plans(RegionChoice.all).map { plan in
            let reach = resolution.reaches[plan.entry.id] ?? .away("it was not asked")
            let hosts = reach.hosts
            notes += hosts.compactMap { Self.note(plan.entry.id, reach.decisions?.revision ?? 0, $0) }
            if let silence = reach.silence {
                notes.append("the database of \(plan.entry.id) does not answer: \(silence)")
            }
            let draining = plan.entry.plugins.filter(\.isDraining).map(\.id)
            return [
                plan.entry.id, plan.entry.title, plan.entry.databaseName,
                Self.state(reach), "\(hosts.count { $0.isLive })",
                plan.plugins.map { $0.plugin.id + (draining.contains($0.plugin.id) ? " (draining)" : "") }
                    .joined(separator: " "),
            ]
        }
        Table.show(["region", "title", "database", "state", "hosts", "plugins"], rows, json: output.json)
        for note in notes { say(note) }
    }

    private static func state(_ reach: Reach) -> String {
        switch reach {
        case .answers: "answers"
        case .absent: "absent"
        case .away: "away"
        }
    }

    /// What is to be said of a host that does not serve what is wanted.
    private static func note(_ region: String, _ wanted: Int, _ host: HostRecord) -> String? {
        guard host.isLive else { return "\(host.name) was last seen in \(region) \(host.idle) s ago" }
        guard host.revision < wanted else { return nil }
        return
            "\(host.name) serves \(region) as it was before: \(host.reason ?? "it has not taken up the last change yet")"
    }
}

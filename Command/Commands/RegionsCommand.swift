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
        let resolution = try Resolution(try Configuration(directory: site.config), site.state, ask: Databases.records)
        var notes: [String] = []
        let rows = resolution.plans.map { plan in
            let hosts = (try? Connection(plan.entry.database)).flatMap { try? HostRecord.all($0) } ?? []
            notes += hosts.compactMap { Self.note(plan.entry, $0) }
            let draining = plan.entry.plugins.filter(\.isDraining).map(\.id)
            return [
                plan.entry.id, plan.entry.title, plan.entry.databaseName,
                resolution.records[plan.entry.id] == nil ? "away" : "answers", "\(hosts.count { $0.isLive })",
                plan.plugins.map { $0.plugin.id + (draining.contains($0.plugin.id) ? " (draining)" : "") }
                    .joined(separator: " "),
            ]
        }
        Table.show(["region", "title", "database", "state", "hosts", "plugins"], rows, json: output.json)
        let serving = RunningSupervisor.revision(site.state)
        if KnownProcess(file: site.state.supervisorPid) != nil,
            let restored = try? GenerationFile.read(directory: Generations(state: site.state).directory(serving))
                .restored
        {
            notes.append("after a rollback generation \(serving) serves here, which is \(restored) again")
        }
        for note in notes { say(note) }
    }

    /// What is to be said of a host that does not serve what is wanted.
    private static func note(_ entry: Generation.RegionEntry, _ host: HostRecord) -> String? {
        guard host.isLive else { return "\(host.name) was last seen in \(entry.id) \(host.idle) s ago" }
        guard host.revision < entry.revision else { return nil }
        return
            "\(host.name) serves \(entry.id) as it was before: \(host.reason ?? "it has not taken up the last change yet")"
    }
}

internal import ArgumentParser
internal import Foundation
internal import Kernel

/// `lyceum prepare`: the probe child of `lyceum serve`, which loads and resolves a new generation in its place.
struct PrepareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Resolve a new generation and write it down; `lyceum serve` runs this.",
        discussion: """
            Prints the generation's directory and the number of web workers.

            Example:
              lyceum prepare --state .state
            """,
        shouldDisplay: false)

    @OptionGroup var site: Site

    func run() throws {
        let state = site.state
        try state.make()
        let generations = Generations(state: state)
        let revision = try generations.reserve()
        do {
            let configuration = try Configuration(directory: site.config)
            let last = Self.last(state)
            let databases = try Databases(configuration, state)
            let resolution = try Resolution(configuration, state, complete: true) { entry in
                if let records = Databases.records(entry) { return records }
                guard let before = last[entry.id] else { return nil }
                say("region \(entry.id): its database does not answer; its plugins are those of the last generation")
                let listed = configuration.regions.first { $0.id == entry.id }?.plugins.map(\.id) ?? []
                return (before + listed.filter { !before.contains($0) }).map { id in
                    PluginRecord(id: id, decision: before.contains(id) ? .enabled : .disabled, version: nil)
                }
            }
            try Readiness.settle(resolution, databases)
            let directory = try generations.publish(resolution.generation(revision: revision))
            tell(
                "\(directory)\n\(configuration.installation.workers)\n\(configuration.installation.limits.drainSeconds)"
            )
        } catch {
            generations.abandon(revision)
            throw error
        }
    }

    /// The plugins that the last generation enabled in each region: for a database that cannot be asked.
    private static func last(_ state: StateDirectory) -> [String: [String]] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: state.generations)) ?? []
        guard let number = names.compactMap({ Int($0) }).max(),
            let generation = try? GenerationFile.read(directory: "\(state.generations)/\(number)")
        else { return [:] }
        return generation.regions.reduce(into: [:]) { $0[$1.id] = $1.plugins.map(\.id) }
    }
}

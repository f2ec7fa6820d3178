internal import ArgumentParser
internal import Foundation
internal import Kernel
internal import Lyceum
internal import PostgreSQL

/// The command `lyceum check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read the whole configuration and name everything that is wrong with it.",
        discussion: """
            Reads lyceum.yaml and regions/, loads third parties' plugins, resolves every region, tries its own templates with a \
            sample of what each page shows, and compares the connections that may be open at once with what PostgreSQL allows. Names databases that do not answer, and says what the others \
            lack. Changes nothing. Exit code 78 when something is wrong, 1 when only a database does not answer.

            Example:
              lyceum check --config Config
            """)

    @OptionGroup var site: Site
    @OptionGroup var output: OutputChoice

    func run() throws {
        let configuration: Configuration
        let resolution: Resolution
        do {
            configuration = try Configuration(directory: site.config)
            resolution = try Resolution(configuration, site.state, complete: true, ask: Reach.ask)
            let problems = HomeCheck.problems(resolution) + ConnectionBudget.problems(resolution) + resolution.refused
            if !problems.isEmpty { throw ConfigurationProblems(list: problems) }
        } catch let problems as ConfigurationProblems where output.json {
            let list = problems.list.map { Problem(file: $0.file, line: $0.line, sentence: $0.sentence) }
            tell(json: Answer(problems: list))
            throw ExitCode(78)
        }
        let silent = Silence.sentences(resolution, site.state)
        let milliseconds = configuration.installation.limits.requestMilliseconds
        let notes =
            HomeCheck.notes(resolution) + resolution.untried
            + (milliseconds <= 60_000
                ? []
                : [
                    """
                    requestMilliseconds is \(milliseconds), but nginx, as it comes with Lyceum, waits 60 s for an answer; raise \
                    fastcgi_read_timeout too
                    """
                ])
        let lacking = try resolution.plans.compactMap { plan -> String? in
            guard resolution.reaches[plan.entry.id]?.silence == nil, let steps = try Readiness.missing(plan),
                !steps.isEmpty
            else { return nil }
            return Readiness.sentence(plan, steps)
        }
        if output.json {
            tell(json: Answer(problems: [], lacking: lacking, silent: silent, notes: notes))
            if !silent.isEmpty { throw ExitCode(1) }
            return
        }
        for plan in resolution.plans {
            let plugins = plan.plugins.map { "\($0.plugin.id) \($0.plugin.manifest.version)" }
            tell("\(plan.entry.id): \(plugins.isEmpty ? "no plugins" : plugins.joined(separator: ", "))")
        }
        for sentence in lacking { tell("\(sentence); `lyceum migrate` makes it") }
        if !site.state.exists { tell("\(site.state.path) does not exist yet, so no embedded database was looked at") }
        for sentence in notes { tell("note: \(sentence)") }
        guard silent.isEmpty else { throw Failure(silent.joined(separator: "\n")) }
        tell("\(configuration.directory) is in order: \(resolution.plans.count) regions")
    }

    private struct Answer: Encodable {
        let problems: [Problem]
        /// What has to be migrated yet.
        var lacking: [String] = []
        /// Which databases do not answer.
        var silent: [String] = []
        /// What is as it should be, and good to know.
        var notes: [String] = []
    }
    private struct Problem: Encodable {
        let file: String
        let line: Int?
        let sentence: String
    }
}

/// The databases that do not answer.
enum Silence {
    /// A sentence for each; a private cluster that does not run is started by whoever needs it, and is none of them.
    static func sentences(_ resolution: Resolution, _ state: StateDirectory) -> [String] {
        let isRunning = (try? state.cluster())?.serverProcess != nil
        return resolution.plans.compactMap { plan in
            let entry = plan.entry
            guard let silence = resolution.reaches[entry.id]?.silence,
                isRunning || !Databases.isEmbedded(entry, resolution.configuration)
            else { return nil }
            return "region \(entry.id): its database \(entry.databaseName) does not answer: \(silence)"
        }
    }
}

/// The connections that all processes may open at once, against what each PostgreSQL server allows.
enum ConnectionBudget {
    /// A sentence for each server that could run out; servers that cannot be asked are left out.
    static func problems(_ resolution: Resolution) -> [ConfigurationProblem] {
        let values = resolution.configuration.installation
        // While a generation replaces another, both have their web processes; the delivery process is only one.
        // Each web process has two more: one by which it says how the database is, and one for what is measured in it; so has the
        // delivery process, by which hosts wake each other and the event log is looked after.
        let each = (2 * values.workers + 1) * values.limits.connections + 4 * values.workers + 2
        var servers: [String: (limit: Int, sum: Int, regions: [String])] = [:]
        for plan in resolution.plans where resolution.reaches[plan.entry.id]?.silence == nil {
            guard let connection = try? Connection(plan.entry.database),
                let found = try? connection.query(
                    """
                    select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
                        pg_postmaster_start_time()::text || coalesce(inet_server_addr()::text, '')
                    """)
            else { continue }
            var row = found.row(0)
            guard let limit: Int = try? row.next(), let name: String = try? row.next() else { continue }
            servers[name, default: (limit, 0, [])].regions.append(plan.entry.id)
            // One looks after jobs, and where there are any, each thread for them has one.
            servers[name]?.sum += each + 1 + (plan.jobs.isEmpty ? 0 : values.limits.jobs)
        }
        return servers.values.filter { $0.sum > $0.limit }.map { server in
            ConfigurationProblem(
                file: resolution.configuration.file.shown,
                line: resolution.configuration.file.line(of: "/limits/connections"),
                sentence: """
                    /limits/connections: \(values.workers) workers, as many that replace them, and the delivery process may open \
                    \(server.sum) connections for \
                    \(server.regions.joined(separator: ", ")), but their PostgreSQL allows \(server.limit); lower workers, \
                    connections or jobs, or raise its max_connections
                    """)
        }
    }
}

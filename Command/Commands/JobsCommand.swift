internal import ArgumentParser
internal import Foundation
internal import Kernel
internal import Lyceum

/// The command `lyceum jobs`.
struct JobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Look at a region's jobs and their runs; run, cancel and retry them.",
        discussion: """
            A run is queued, then running, then done; or failed, until its next attempt, and dead after the last one; or \
            cancelled. What is over is kept for as many days as /limits/jobDays says.

            Example:
              lyceum jobs list --region academy --status dead
            """,
        subcommands: [List.self, Show.self, Run.self, Cancel.self, Retry.self])

    /// The command `lyceum jobs list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the jobs there are, or the runs of one or in one state, the newest first.",
            discussion: """
                Examples:
                  lyceum jobs list --region academy
                  lyceum jobs list --region academy --status failed --json
                  lyceum jobs list --region academy --job courses.send-reminder --limit 20
                """)

        @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name")) var region: String
        @Option(help: ArgumentHelp("The runs of this job.", valueName: "plugin.job")) var job: String?
        @Option(help: "The runs in this state: \(JobBook.State.allCases.map(\.rawValue).joined(separator: ", ")).")
        var status: RunState?
        @Option(help: "How many runs at most.") var limit = 100
        @OptionGroup var site: Site
        @OptionGroup var output: OutputChoice

        private static let most = 10_000

        func validate() throws {
            guard (1...Self.most).contains(limit) else {
                throw ValidationError("--limit is from 1 to \(Self.most); it is \(limit)")
            }
        }

        func run() throws {
            try OpenBook.with(site, region) { book in
                if job == nil, status == nil {
                    let standings = try book.standings(now: .now)
                    if output.json {
                        return tell(json: standings.map { ShownJob($0, isDeclared: book.isDeclared($0.job)) })
                    }
                    let rows = standings.map { standing in
                        [
                            standing.job, standing.schedule.map { "\($0) \(standing.zone ?? "")" } ?? "",
                            standing.next.map { "\($0)" } ?? "",
                            book.isDeclared(standing.job)
                                ? OpenBook.counts(standing.counts)
                                : "nobody runs it: "
                                    + OpenBook.counts(standing.counts),
                        ]
                    }
                    return Table.show(["job", "schedule", "next", "runs"], rows, json: false)
                }
                let runs = try book.runs(job: job, state: status?.value, limit: limit)
                if runs.count == limit {
                    sayMore(limit, of: try book.count(job: job, state: status?.value), most: Self.most)
                }
                if output.json { return tell(json: runs.map { ShownRun($0) }) }
                let rows = runs.map { run in
                    [
                        run.id.description, run.job, OpenBook.state(run), "\(run.attempt)",
                        "\(run.endedAt ?? run.startedAt.flatMap { run.state == .running ? $0 : nil } ?? run.dueAt)",
                        run.error ?? "",
                    ]
                }
                Table.show(["run", "job", "state", "attempt", "at", "error"], rows, json: false)
            }
        }
    }

    /// The command `lyceum jobs show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show everything about one run: what it is told, how far it is, its result or error.",
            discussion: """
                Example:
                  lyceum jobs show --region academy 0198c0de-0000-7000-8000-000000000001
                """)

        @OptionGroup var choice: RunChoice
        @OptionGroup var output: OutputChoice

        func run() throws {
            let id = try choice.id
            let run = try OpenBook.with(choice.site, choice.region) { try $0.run(id) }
            if output.json { return tell(json: ShownRun(run, isWhole: true)) }
            var rows: [(String, String?)] = [
                ("run", run.id.description), ("job", run.job), ("state", OpenBook.state(run)),
                ("attempt", "\(run.attempt)"), ("payload", run.payload), ("key", run.key),
                ("scheduled", run.scheduledAt?.description), ("queued", run.queuedAt.description),
                ("due", run.dueAt.description), ("started", run.startedAt?.description),
                ("ended", run.endedAt?.description), ("result", run.result), ("error", run.error),
            ]
            rows += run.causes.enumerated().map { ("cause \($0.offset + 1)", "\($0.element)") }
            let known = rows.compactMap { name, value in value.map { [name, $0] } }
            Table.show(["", ""], known, json: false)
        }
    }

    /// The command `lyceum jobs run`.
    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Queue a run of a job now, whatever its schedule.",
            discussion: """
                Example:
                  lyceum jobs run --region academy courses.send-reminder --payload '{"course": "…"}'
                """)

        @Argument(help: ArgumentHelp("The job.", valueName: "plugin.job")) var job: String
        @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name")) var region: String
        @Option(help: ArgumentHelp("What it is told, as a JSON object.", valueName: "json")) var payload = "{}"
        @OptionGroup var site: Site
        @OptionGroup var output: OutputChoice

        func run() throws {
            do {
                let id = try OpenBook.with(site, region) { try $0.enqueue(job, payload: payload) }
                guard output.json else { return tell("\(job) is queued in \(region) as run \(id)") }
                tell(json: ["run": id.description])
            } catch let faults as Faults {
                throw Failure(
                    faults.list.map { "--payload: \($0.line)" }.joined(separator: "\n"))
            }
        }
    }

    /// The command `lyceum jobs cancel`.
    struct Cancel: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancel a run that waits or is running.",
            discussion: """
                A run under way is told within a second; its statement in the database is cancelled too. What it has committed \
                before stays.

                Example:
                  lyceum jobs cancel --region academy 0198c0de-0000-7000-8000-000000000001
                """)

        @OptionGroup var choice: RunChoice

        func run() throws {
            let id = try choice.id
            let state = try OpenBook.with(choice.site, choice.region) { try $0.cancel(id) }
            tell(state == .running ? "run \(choice.run) is told to end" : "run \(choice.run) is cancelled")
        }
    }

    /// The command `lyceum jobs retry`.
    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a run again that failed, is dead, cancelled or done, now and with all its attempts.",
            discussion: """
                Example:
                  lyceum jobs retry --region academy 0198c0de-0000-7000-8000-000000000001
                """)

        @OptionGroup var choice: RunChoice

        func run() throws {
            let id = try choice.id
            try OpenBook.with(choice.site, choice.region) { try $0.retry(id) }
            tell("run \(choice.run) is queued again")
        }
    }
}

/// Which run a command is about.
struct RunChoice: ParsableArguments {
    @Argument(help: ArgumentHelp("The run's id, as `lyceum jobs list` shows it.", valueName: "run")) var run: String
    @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name")) var region: String
    @OptionGroup var site: Site

    var id: Job.ID {
        get throws {
            guard let id = Job.ID(run) else {
                throw Failure(
                    "\"\(run)\" is no run; it is an id of 36 characters, as `lyceum jobs list --status …` shows it")
            }
            return id
        }
    }
}

/// A state as the command line takes it.
struct RunState: ExpressibleByArgument {
    let value: JobBook.State

    init?(argument: String) {
        guard let value = JobBook.State(rawValue: argument) else { return nil }
        self.value = value
    }

    static var allValueStrings: [String] { JobBook.State.allCases.map(\.rawValue) }
}

/// The book of a region's jobs.
private enum OpenBook {
    /// Lends the book for as long as the region's database is surely reachable.
    static func with<Outcome>(
        _ site: Site, _ region: String, _ body: (JobBook) throws -> Outcome
    ) throws -> Outcome {
        let configuration = try Configuration(directory: site.config)
        let databases = try Databases(configuration, site.state)
        // A private cluster that runs only for this command ends with the value.
        return try withExtendedLifetime(databases) {
            let plan = try Resolution.looking(site, configuration).plan(region)
            guard let connection = try databases.administer(plan.entry),
                try Installer(plan).isPrepared(connection)
            else {
                throw Failure("region \(region): its database is not up to date; run `lyceum migrate` first")
            }
            return try body(JobBook(plan, connection, for: .atCommandLine))
        }
    }

    static func state(_ run: JobBook.Run) -> String {
        let progress = run.state == .running ? run.progress.map { " \($0.done)/\($0.total)" } : nil
        return run.state.rawValue + (progress ?? "") + (run.isCancelling ? ", told to end" : "")
    }

    static func counts(_ counts: [JobBook.State: Int]) -> String {
        JobBook.State.allCases.compactMap { state in counts[state].map { "\($0) \(state.rawValue)" } }
            .joined(separator: ", ")
    }
}

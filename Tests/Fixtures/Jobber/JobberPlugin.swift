public import Lyceum
internal import PostgreSQL

/// A plugin for tests of jobs: what they do stands in a table without constraints, so that what happens twice stands there twice.
public struct JobberPlugin: Plugin {
    /// Who it is.
    public static let manifest = Manifest(id: "jobber", version: "1.0.0")

    /// A table.
    public static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(
                1, "effects",
                """
                create table jobber.effect (
                    job text, number bigint, attempt integer, id uuid, at timestamptz default clock_timestamp());
                create table jobber.only (number bigint constraint only_number_unique unique);
                insert into jobber.only values (7);
                """)
        ])
        Emits(NumberDone.self)
    }

    /// Makes the plugin.
    public init() {}

    /// A route that queues, and jobs of every kind.
    public func contributions(_ settings: JobberSettings) -> [any Contribution] {
        Route(.post, "jobber/numbers", .public, JobberRoutes.queue)
        // Its effect and its end are one transaction; it takes as long as it is told, before and after the effect.
        Job("complete", Task.self, attempts: 1_000) { task, run in
            try await run.completing { transaction in
                try await transaction.run("select pg_sleep(\(task.before))")
                try await transaction.run(
                    """
                    insert into jobber.effect (job, number, attempt, id)
                    values ('complete', \(task.number), \(run.attempt), \(run.id))
                    """)
                try transaction.emit(NumberDone(number: task.number))
                try await transaction.run("select pg_sleep(\(task.after))")
                return Answer(number: task.number, attempt: run.attempt)
            }
        }
        // A statement that takes too long.
        Job("slow", Task.self, timeOut: .milliseconds(600), attempts: 2) { task, run in
            try await run.database.run("select pg_sleep(60), 'jobber.slow'")
        }
        // It says how far it is, and notices when it is to end.
        Job("steps", Task.self) { task, run in
            for step in 1...task.number {
                run.progress(Int(step), of: Int(task.number))
                try run.checkCancellation()
                try await _Concurrency.Task.sleep(for: .milliseconds(10))
            }
            return Answer(number: task.number, attempt: run.attempt)
        }
        // It fails so many times.
        Job("fail", Task.self, attempts: 3) { task, run in
            try await run.database.run(
                "insert into jobber.effect (job, number, attempt, id) values ('fail', \(task.number), \(run.attempt), \(run.id))"
            )
            if run.attempt <= task.number { throw Unlucky(description: "attempt \(run.attempt) was unlucky") }
        }
        // It violates a constraint, two steps down.
        Job("violate", Task.self, attempts: 1) { task, run in
            do {
                _ = try await run.database.transaction { transaction in
                    try await transaction.run("insert into jobber.only values (\(task.number))")
                }
            } catch { throw FailedStep("the number \(task.number) cannot be kept", cause: error) }
        }
        // It does not notice that it is to end.
        Job("deaf", Task.self, attempts: 5) { task, run in
            for _ in 0..<task.number { _ = try? await run.database.run("select pg_sleep(0.02)") }
            try await run.database.run("insert into jobber.effect (job, number) values ('deaf', \(task.number))")
        }
        if settings.minutely {
            Job("minutely", at: Schedule(settings.times, zone: .zone("Europe/Berlin"))) { run in
                try await run.completing { transaction in
                    try await transaction.run(
                        """
                        insert into jobber.effect (job, number, attempt, id) values (
                            'minutely', \(run.scheduledFor.microseconds / 60_000_000), \(run.attempt), \(run.id))
                        """)
                }
            }
        }
    }

    /// What jobs are told.
    public struct Task: Codable, Sendable {
        /// Which.
        public var number: Int64
        /// Seconds before the effect.
        public var before: Double
        /// Seconds after it.
        public var after: Double
    }
}

/// Whether the clock matters.
public struct JobberSettings: Input {
    /// Whether there is a job that runs each minute.
    @Field("Whether there is a job that runs each minute.") public var minutely = false
    /// When it runs.
    @Field("When it runs.") public var times = "* * * * *"

    /// Makes the default ones.
    public init() {}
}

/// A number was done.
public struct NumberDone: Event {
    /// `jobber.number.done`.
    public static let name = "jobber.number.done"
    /// Which.
    public var number: Int64
    /// Each by itself.
    public var key: String { "\(number)" }
}

struct Answer: Codable, Sendable {
    var number: Int64
    var attempt: Int
}

struct Unlucky: Error, CustomStringConvertible { let description: String }

struct QueueNumbers: Input {
    @Field("The job.", .length(1...40)) var job: String
    @Field("The numbers.", .count(1...1_000)) var numbers: [Int64]
    @Field("Seconds before the effect.") var before = 0.0
    @Field("Seconds after it.") var after = 0.0
    @Field("Whether to fail after all.") var fail = false
    @Field("When.") var at: Instant?
    @Field("The key.") var key: String?
}

enum JobberRoutes {
    @Sendable static func queue(_ context: borrowing Context, _ body: Body<QueueNumbers>) async throws -> NoContent {
        let given = body.value
        try await context.database.transaction { transaction in
            for number in given.numbers {
                try await transaction.enqueue(
                    JobName<JobberPlugin.Task>(given.job),
                    JobberPlugin.Task(number: number, before: given.before, after: given.after), at: given.at,
                    key: given.key)
            }
            if given.fail { throw Unlucky(description: "after all") }
        }
        return NoContent()
    }
}

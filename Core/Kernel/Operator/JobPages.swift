internal import Lyceum
internal import PostgreSQL

/// The pages of jobs: which there are, how their runs stand, and what to do about one.
struct JobPages: Sendable {
    private let plan: RegionPlan

    init(_ plan: RegionPlan) { self.plan = plan }

    // MARK: - Jobs

    struct Standing: Codable, Sendable {
        var job: String
        var runs: String
        var start: String
        var isDeclared: Bool
        var schedule: String?
        var nextAt: Moment?
        var counts: [Count]
        var isIdle: Bool
    }

    struct Count: Codable, Sendable {
        var count: Int
        var state: Text
        var path: String
        var isBad: Bool
    }

    struct Overview: Codable, Sendable {
        var jobs: [Standing]
        var isEmpty: Bool
        var mayChange: Bool
    }

    @Sendable func overview(_ context: borrowing Context) async throws -> Page {
        let standings = try JobLists.standings(plan, now: context.database.now, context.database)
        let clock = try await PageClock(context, standings.map(\.nextAt))
        let jobs = standings.map { one in
            let all: [(JobBook.State, Int)] = [
                (.queued, one.queued), (.running, one.running), (.failed, one.failed), (.dead, one.dead),
                (.cancelled, one.cancelled), (.done, one.done),
            ]
            let counts = all.filter { $0.1 > 0 }.map { state, count in
                Count(
                    count: count, state: state.words, path: Self.runs(one.job, state),
                    isBad: state == .dead || state == .failed)
            }
            return Standing(
                job: one.job, runs: Self.runs(one.job, nil), start: "/admin/jobs/\(one.job)/run",
                isDeclared: one.isDeclared, schedule: one.schedule.map { "\($0) \(one.zone ?? "")" },
                nextAt: clock[one.nextAt], counts: counts, isIdle: counts.isEmpty)
        }
        return Page(
            "lyceum.jobs", title: .words("lyceum.admin.jobs"),
            Overview(jobs: jobs, isEmpty: jobs.isEmpty, mayChange: context.may(.changeJobs)))
    }

    private static func runs(_ job: String?, _ state: JobBook.State?, after: Cursor? = nil) -> String {
        PageWords.address(
            "/admin/jobs/runs", ["job": job, "state": state?.rawValue, "after": after.map { "\($0)" }])
    }

    // MARK: - Runs

    struct RunsQuery: Input {
        @Field("Only those of this job.", .length(0...200)) var job: String?
        @Field("Only those in this state.") var state: JobBook.State?
        @Field("Where the last page ended.") var after: Cursor?
    }

    struct Choice: Codable, Sendable {
        var value: String
        var name: Text?
        var isChosen: Bool
    }

    struct Entry: Codable, Sendable {
        var job: String
        var path: String
        var state: RunState
        var attempt: Int
        var at: Moment?
        var error: String?
    }

    struct RunState: Codable, Sendable {
        var words: Text
        var isBad: Bool
        var isGood: Bool
        var isBusy: Bool
        var isCancelling: Bool
        var progress: String?
        var percent: Int?

        init(_ state: JobBook.State, cancelling: Bool, done: Int64?, total: Int64?) {
            words = state.words
            isBad = state == .dead || state == .failed
            isGood = state == .done
            isBusy = state == .running
            isCancelling = cancelling
            guard let done, let total, total > 0 else { return }
            progress = "\(done) / \(total)"
            percent = Int(max(0, min(100, 100 * Double(done) / Double(total))))
        }
    }

    struct Runs: Codable, Sendable {
        var jobs: [Choice]
        var states: [Choice]
        var runs: [Entry]
        var isEmpty: Bool
        var first: String?
        var next: String?
    }

    @Sendable func runs(_ context: borrowing Context, _ query: Query<RunsQuery>) async throws -> Page {
        var filter = RunFilter()
        filter.job = query.value.job.flatMap { $0.isEmpty ? nil : $0 }
        filter.state = query.value.state
        filter.after = query.value.after
        let listing = try await context.database.listing(
            RunView.self, limit: filter.limit, key: ["id"], JobLists.runs(filter))
        let runs = try listing.values()
        func moment(_ run: RunView) -> Instant {
            run.endedAt ?? (run.state == .running ? run.startedAt : nil) ?? run.dueAt
        }
        let clock = try await PageClock(context, runs.map { moment($0) })
        var jobs = plan.jobs.map(\.name).sorted()
        if let job = filter.job, !jobs.contains(job) { jobs.append(job) }
        return Page(
            "lyceum.runs", title: .words("lyceum.admin.runs"),
            Runs(
                jobs: jobs.map { Choice(value: $0, name: nil, isChosen: $0 == filter.job) },
                states: JobBook.State.allCases.map {
                    Choice(value: $0.rawValue, name: $0.words, isChosen: $0 == filter.state)
                },
                runs: runs.map { run in
                    Entry(
                        job: run.job, path: "/admin/jobs/runs/\(run.id)",
                        state: RunState(
                            run.state, cancelling: run.isCancelling, done: run.progressDone, total: run.progressTotal),
                        attempt: run.attempt, at: clock[moment(run)], error: run.error)
                },
                isEmpty: runs.isEmpty,
                first: filter.after.map { _ in Self.runs(filter.job, filter.state) },
                next: listing.next.map { Self.runs(filter.job, filter.state, after: $0) }))
    }

    // MARK: - One run

    struct Run: Codable, Sendable {
        var id: String
        var path: String
        var job: String
        var runs: String
        var state: RunState
        var attempt: Int
        var key: String?
        var scheduledAt: Moment?
        var queuedAt: Moment?
        var dueAt: Moment?
        var startedAt: Moment?
        var endedAt: Moment?
        var payload: String
        var result: String?
        var error: String?
        var causes: [CausePart]
        var causation: Int64?
        var trace: String?
        var mayRetry: Bool
        var mayCancel: Bool
        var done: InterventionParts
    }

    @Sendable func run(
        _ context: borrowing Context, _ run: Job.ID, _ query: Query<DoneQuery>
    ) async throws -> Page {
        let database = context.database
        let (wanted, lately) = (JobLists.run(run), Operator.lately("\(run)"))
        let results = try database.together([wanted, lately])
        guard let one = try database.rows(RunDetail.self, wanted, results[0]).values().first else {
            throw Problem.notFound
        }
        let done = try database.rows(Intervention.self, lately, results[1]).values()
        let clock = try await PageClock(
            context, [one.scheduledAt, one.queuedAt, one.dueAt, one.startedAt, one.endedAt] + done.map(\.at))
        let isOver = one.state == .done || one.state == .dead || one.state == .cancelled
        let mayChange = context.may(.changeJobs)
        return Page(
            "lyceum.run", title: .text(one.job),
            Run(
                id: "\(run)", path: "/admin/jobs/runs/\(run)", job: one.job, runs: Self.runs(one.job, nil),
                state: RunState(
                    one.state, cancelling: one.isCancelling, done: one.progressDone, total: one.progressTotal),
                attempt: one.attempt, key: one.key, scheduledAt: clock[one.scheduledAt],
                queuedAt: clock[one.queuedAt], dueAt: isOver ? nil : clock[one.dueAt],
                startedAt: clock[one.startedAt], endedAt: clock[one.endedAt],
                payload: PageWords.pretty(one.payload.text), result: one.result.map { PageWords.pretty($0.text) },
                error: one.error, causes: one.causes.map { CausePart($0) }, causation: one.causation,
                trace: one.trace, mayRetry: mayChange && (isOver || one.state == .failed),
                mayCancel: mayChange && !isOver && !one.isCancelling,
                done: InterventionParts(done, clock, isDone: query.value.done, by: context.principal?.name)))
    }

    @Sendable func retry(_ context: borrowing Context, _ run: Job.ID) async throws -> Page {
        let who = context.operatorByPage
        try context.database.withConnection { try JobBook(plan, $0, for: who).retry(run) }
        return .redirect(to: "/admin/jobs/runs/\(run)?done=true")
    }

    @Sendable func cancel(_ context: borrowing Context, _ run: Job.ID) async throws -> Page {
        let who = context.operatorByPage
        _ = try context.database.withConnection { try JobBook(plan, $0, for: who).cancel(run) }
        return .redirect(to: "/admin/jobs/runs/\(run)?done=true")
    }

    // MARK: - Running a job

    struct StartForm: Input {
        @Field("What it is told, as a JSON object.", .multiline.length(0...100_000)) var payload: String?
    }

    struct Start: Codable, Sendable {
        var job: String
        var path: String
        var schedule: String?
        var form: FormFields
        /// What is wrong with the payload, a line for each fault.
        var faults: [String]
    }

    private func page(
        _ job: String, _ schedule: String?, _ form: FormFields, _ faults: [String] = [], status: Int = 200
    ) -> Page {
        Page(
            "lyceum.run-job", title: .words("lyceum.admin.start"),
            Start(job: job, path: "/admin/jobs/\(job)/run", schedule: schedule, form: form, faults: faults),
            status: status)
    }

    private func declared(_ job: String) throws -> String? {
        guard let job = plan.jobs.first(where: { $0.name == job }) else { throw Problem.notFound }
        return job.schedule.map { "\($0) \(job.zone ?? "")" }
    }

    @Sendable func showStart(_ context: borrowing Context, _ job: DottedName) async throws -> Page {
        let schedule = try declared(job.value)
        return page(job.value, schedule, try context.blankForm(StartForm.self).showing("payload", "{}"))
    }

    @Sendable func start(
        _ context: borrowing Context, _ job: DottedName, _ form: Form<StartForm>
    ) async throws -> Page {
        let schedule = try declared(job.value)
        guard let given = form.value else { return page(job.value, schedule, form.fields, status: 422) }
        let payload = given.payload.flatMap { $0.isEmpty ? nil : $0 } ?? "{}"
        let who = context.operatorByPage
        do {
            let run = try context.database.withConnection {
                try JobBook(plan, $0, for: who).enqueue(job.value, payload: payload)
            }
            return .redirect(to: "/admin/jobs/runs/\(run)?done=true")
        } catch let faults as Faults {
            return page(
                job.value, schedule, form.fields.failing("payload", Text("lyceum.admin.start.unfit")),
                faults.list.map { "\($0)" }, status: 422)
        }
    }
}

extension JobBook.State {
    /// The state in the reader's language.
    var words: Text { Text("lyceum.admin.state.\(rawValue)") }
}

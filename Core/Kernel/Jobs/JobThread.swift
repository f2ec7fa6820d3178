internal import Glibc
internal import Lyceum
internal import PostgreSQL

/// Runs one job after another, as a ``JobKeeper`` hands them out.
struct JobThread: Sendable {
    let keeper: JobKeeper
    let runtime: Runtime
    let settings: JobSettings
    let work: WorkTable
    let log: Log

    /// - Parameter watch: where the thread notes what it does; a job has a time-out of its own, but hooks in it have theirs.
    func run(_ watch: ThreadWatch?) async {
        while let run = await keeper.next() {
            watch?.begin(
                work: work.number(.job, region: runtime.region.id, plugin: run.job.plugin, name: run.job.name), due: 0)
            let outcome = await attempt(run, watch)
            watch?.finish()
            await note(outcome, run)
            keeper.ended(run)
        }
    }

    private enum Part: Sendable {
        case outcome(Outcome)
        case ending
    }

    /// What the body answered, or threw, and what that passed through.
    private enum Outcome: Sendable {
        case success(String?)
        case failure(any Error, ErrorTrail)
    }

    /// The body in a task of its own, which is cancelled when the watch says so; everything stays on this thread.
    private func attempt(_ run: LocalRun, _ watch: ThreadWatch?) async -> Outcome {
        let runtime = runtime
        return await withTaskGroup(of: Part.self) { group in
            group.addTask {
                let database = Database(runtime)
                database.act(as: run.job.plugin)
                database.watch = run.watch
                database.guardian = watch
                database.origin = run.trace
                if runtime.isAudited {
                    var author = Author(.job)
                    (author.plugin, author.work) = (run.job.plugin, run.job.name)
                    author.trace = run.trace?.traceID
                    database.author = author
                }
                let lent = JobRun(
                    database: database, id: run.handle.id, attempt: run.claimed.attempt,
                    scheduledFor: run.claimed.scheduledFor, watch: run.watch, lease: run)
                do { return .outcome(.success(try await run.job.prepared.run(run.claimed.payload, lent))) } catch {
                    return .outcome(.failure(error, database.trail))
                }
            }
            group.addTask {
                await run.watch.untilEnding()
                return .ending
            }
            var outcome = Outcome.failure(CancellationError(), ErrorTrail())
            for await part in group {
                if case .outcome(let one) = part { outcome = one }
                group.cancelAll()
            }
            return outcome
        }
    }

    /// Writes how the run ended; while the database is away, again and again until the lease has lapsed.
    private func note(_ outcome: Outcome, _ run: LocalRun) async {
        let region = runtime.region.id
        if run.watch.isCompleted {
            if case .failure(let error, _) = outcome {
                log.write(
                    level: .warning, region: region, plugin: run.job.plugin, trace: run.trace, job: run.job.name,
                    run: "\(run.handle.id)",
                    "\(run.job.name) threw after it was completed, which changes nothing: \(error)")
            }
            return
        }
        guard let ending = ending(outcome, run) else { return }
        while true {
            do {
                let isOurs = try runtime.pool.withConnection {
                    try JobStore(connection: $0, isFenced: settings.isFenced).end(run.handle, ending)
                }
                if !isOurs {
                    log.write(
                        level: .warning, region: region, plugin: run.job.plugin, trace: run.trace, job: run.job.name,
                        run: "\(run.handle.id)",
                        "the run \(run.handle.id) of \(run.job.name) is another's, or over; what became of it here is not noted"
                    )
                }
                return
            } catch {
                if run.watch.reason == .lost || keeper.isAtEnd {
                    return log.write(
                        level: .warning, region: region, plugin: run.job.plugin, trace: run.trace, job: run.job.name,
                        run: "\(run.handle.id)",
                        "how the run \(run.handle.id) of \(run.job.name) ended cannot be noted: \(error)")
                }
                try? await Task.sleep(for: settings.pause)
            }
        }
    }

    private func ending(_ outcome: Outcome, _ run: LocalRun) -> JobStore.Ending? {
        let (name, attempt) = (run.job.name, run.claimed.attempt)
        let error: String
        var causes: String?
        switch (outcome, run.watch.reason) {
        case (.success(let result), _): return .done(result: result)
        case (.failure, .cancelled): return .cancelled
        case (.failure, .stopping): return .givenBack
        case (.failure(let thrown, _), .lost):
            log.write(
                level: .warning, region: runtime.region.id, plugin: run.job.plugin, trace: run.trace, job: name,
                run: "\(run.handle.id)",
                "\(name) lost its lease in attempt \(attempt) and was stopped: \(thrown)")
            return nil
        case (.failure, .timeOut): error = "it took longer than its time-out of \(run.job.timeOut)"
        case (.failure(let thrown, let trail), nil):
            error = FailureStack.sentence(thrown)
            causes = FailureStack(thrown, trail).text
        }
        guard attempt < run.job.attempts else {
            log.write(
                level: .error, region: runtime.region.id, plugin: run.job.plugin, trace: run.trace, job: name,
                run: "\(run.handle.id)",
                "\(name) failed for the last time (attempt \(attempt)), run \(run.handle.id): \(error)")
            return .dead(error: error, causes: causes)
        }
        let delay = RetrySchedule(attempts: run.job.attempts, base: settings.base).delay(
            after: attempt, chance: Double.random(in: 0..<1))
        log.write(
            level: .warning, region: runtime.region.id, plugin: run.job.plugin, trace: run.trace, job: name,
            run: "\(run.handle.id)",
            "\(name) failed (attempt \(attempt)), run \(run.handle.id), to be tried again in \(Int(delay.rounded(.up))) s: \(error)"
        )
        return .failed(error: error, causes: causes, delay: delay)
    }
}

internal import Lyceum

/// A job of a region, its payload described and its schedule read: what is wrong with one is found before anything is served.
struct DeclaredJob: Sendable {
    /// The plugin's id, a dot, the name of the job.
    let name: String
    let plugin: String
    let prepared: PreparedJob
    let timeOut: Duration
    let attempts: Int
    let schedule: Occasions?

    /// The jobs of a region, in the order of its plugins.
    ///
    /// - Throws: a sentence that names a job that cannot be prepared.
    static func all(_ plan: RegionPlan) throws -> [DeclaredJob] {
        try plan.all(Job.self).map { plugin, job in
            let name = "\(plugin).\(job.id)"
            do {
                return DeclaredJob(
                    name: name, plugin: plugin, prepared: try job.prepare(Book()), timeOut: job.timeOut,
                    attempts: job.attempts, schedule: try job.schedule.map { try Occasions(name, $0, plan) })
            } catch {
                throw RegistryError("region \(plan.entry.id): the job \(name) cannot be prepared: \(error)")
            }
        }
    }

    /// What is wrong with a job as it was contributed, in sentences.
    static func mistakes(_ job: Job) -> [String] {
        var sentences: [String] = []
        let bytes = Array(job.id.utf8)
        let isWord = bytes.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        if !isWord || !(1...60).contains(bytes.count) || !(97...122).contains(bytes[0]) {
            sentences.append(
                "the name of a job is up to 60 small letters, digits and hyphens, beginning with a letter; this is \"\(job.id)\""
            )
        }
        if job.attempts < 1 { sentences.append("a job has at least 1 attempt; this one has \(job.attempts)") }
        if job.timeOut < .milliseconds(1) || job.timeOut > .seconds(86_400) {
            sentences.append("a job's time-out is from 1 ms to a day; this one's is \(job.timeOut)")
        }
        guard let schedule = job.schedule else { return sentences }
        do { _ = try CronSchedule(schedule.expression) } catch { sentences.append(error.description) }
        if case .zone(let name) = schedule.zone, !ZoneName.exists(name) {
            sentences.append(
                "its zone must be an IANA zone that this machine knows, such as Europe/Berlin; it is \"\(name)\"")
        }
        return sentences
    }
}

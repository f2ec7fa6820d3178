internal import Lyceum
internal import PostgreSQL

/// The home of a region's administration: how the region is, and the way to all that whoever asks may administrate, also of
/// plugins.
struct HomePage: Sendable {
    struct View: Codable, Sendable {
        /// How the region is; nil for those who may not see it.
        var health: Health?
    }

    struct Health: Codable, Sendable {
        /// What is wrong, in words; empty where all is well.
        var faults: [Fault]
        var isWell: Bool
        var plugins: Int
        var listeners: Int
        var behind: String
        var lag: String?
        var waiting: Int
        var dead: Int
        var jobsRunning: Int
        var jobsFailed: Int
        var jobsDead: Int
        /// Processes that took the place of others since the supervisor began; nil where there is none.
        var restarts: Int?
        var hasRestarts: Bool
    }

    struct Fault: Codable, Sendable {
        var words: Text
        var path: String
    }

    private let permissions: [Permission]
    private let books: RegionBooks
    private let claims: ListenerClaims

    init(_ plan: RegionPlan, _ books: RegionBooks, own: [any Contribution]) {
        let entries = plan.all(Navigation.self).map(\.value) + own.compactMap { $0 as? Navigation }
        permissions = entries.filter { $0.about != nil }.compactMap { entry in
            if case .permission(let permission) = entry.access { permission } else { nil }
        }
        self.books = books
        claims = ListenerClaims(plan)
    }

    @Sendable func show(_ context: borrowing Context) async throws -> Page {
        var isAdministrator = false
        for permission in permissions where context.may(permission) { isAdministrator = true }
        guard isAdministrator else { throw Problem.forbidden }
        let health = context.may(.seeRegion) ? try health(context) : nil
        return Page("lyceum.admin-home", title: .words("lyceum.admin.title"), View(health: health))
    }

    /// Runs by state, each counted up to a thousand.
    private static let runs: Statement = """
        select
            (select count(*) from (select from lyceum.job where state = 'running' limit 1000) as few),
            (select count(*) from (
                select from lyceum.job where state = 'failed' and state in ('queued', 'failed') limit 1000) as few),
            (select count(*) from (
                select from lyceum.job where state = 'dead' and state in ('dead', 'cancelled') limit 1000) as few)
        """

    private func health(_ context: borrowing Context) throws -> Health {
        let results = try context.database.together([
            DeliveryBooks.lanes(most: ListenerView.most), RegionBooks.records, RegionBooks.quarantined, Self.runs,
        ])
        let listeners = ListenerView.all(try DeliveryBooks.lanes(results[0]), claims)
        let plugins = try books.plugins(results[1], results[2])
        var runs = results[3].row(0)
        let (running, failed, dead): (Int, Int, Int) = (try runs.next(), try runs.next(), try runs.next())
        var faults = plugins.filter(\.isAtFault).map {
            Fault(words: Text("lyceum.admin.fault.\($0.state)", ["plugin": $0.id]), path: "/admin/plugins")
        }
        faults += plugins.flatMap(\.quarantined).map { name in
            // One that has been given nothing yet has no page of its own.
            let hasPage = listeners.contains { $0.listener == name }
            return Fault(
                words: Text("lyceum.admin.fault.quarantined", ["listener": name]),
                path: hasPage ? DeliveryPages.path(name) : "/admin/plugins")
        }
        let given = listeners.reduce(0) { $0 + $1.dead }
        if given > 0 {
            faults.append(Fault(words: Text("lyceum.admin.fault.dead", count: given), path: "/admin/deliveries"))
        }
        if dead > 0 {
            faults.append(
                Fault(words: Text("lyceum.admin.fault.runs", count: dead), path: "/admin/jobs/runs?state=dead"))
        }
        let counts = SupervisorBoard.read()
        let lag = listeners.filter { $0.behind > 0 }.map(\.lagSeconds).max()
        return Health(
            faults: faults, isWell: faults.isEmpty, plugins: plugins.count { $0.version != nil },
            listeners: listeners.count, behind: PageWords.behind(listeners.reduce(0) { $0 + $1.behind }),
            lag: lag.map { PageWords.duration($0) }, waiting: listeners.reduce(0) { $0 + $1.waiting }, dead: given,
            jobsRunning: running, jobsFailed: failed, jobsDead: dead,
            restarts: counts.map { Int(clamping: ($0[.webRestarts] ?? 0) + ($0[.deliveryRestarts] ?? 0)) },
            hasRestarts: counts != nil)
    }
}

internal import Glibc
public import Lyceum
internal import PostgreSQL

/// What is done in a region from the command line, through its plugins, as a request would do it.
public struct RegionWork: Sendable {
    let plan: RegionPlan
    let runtime: Runtime

    /// Prepares a region whose plugins are installed.
    public init(_ plan: RegionPlan, _ limits: Generation.Limits, log: Log = .standardError) throws {
        self.plan = plan
        runtime = try Installation.runtime(plan, limits, .real, WorkTable([plan]), log)
    }

    /// Fills the region with the example data of its plugins, each in a transaction of its own; again changes nothing.
    ///
    /// - Returns: the plugins that have example data, and whether any of it was new.
    public func fillDemo() async throws -> [(plugin: String, isNew: Bool)] {
        var filled: [(plugin: String, isNew: Bool)] = []
        for (plugin, demo) in plan.demos {
            let database = database()
            database.act(as: plugin)
            let isNew = try await database.transaction { transaction in
                try await demo.fill(transaction)
                // PostgreSQL numbers a transaction when it writes for the first time.
                let written = try await transaction.query("select pg_current_xact_id_if_assigned() is not null")
                return try written.row(0).only() as Bool
            }
            filled.append((plugin, isNew))
        }
        return filled
    }

    /// The region's database as whoever typed the command uses it.
    private func database() -> Database {
        let database = Database(runtime)
        database.origin = TraceContext(beginning: .make())
        guard runtime.isAudited else { return database }
        var author = Author(.command)
        author.login = Author.systemLogin
        author.trace = database.origin?.traceID
        database.author = author
        return database
    }

    /// Uses a service of the region in a transaction; nil when no enabled plugin offers it.
    public func using<Value, Outcome>(
        _ service: Service<Value>, _ body: (Value, borrowing Transaction) async throws -> Outcome
    ) async throws -> Outcome? {
        let database = database()
        return try await database.transaction { transaction in
            try await transaction.using(service, body)
        }
    }
}

extension Author {
    /// Who runs this program, by the operating system's name.
    static var systemLogin: String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4_096)
        guard getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name
        else { return "\(getuid())" }
        return String(cString: name)
    }
}

/// Brings the schema of one plugin in one database up to date, forwards only.
///
/// Each step runs in a transaction of its own, as the schema's owner and with the schema first in the search path, under an
/// advisory lock that migrators of the same database share; its record is written by the login role in the same transaction.
/// So a step has either happened and is recorded, or has not happened. Records live in `lyceum.migration`.
///
///     wanted ──apply──▶ applied          refused when: the text of an applied step changed; the database has a step
///        └──error──▶ wanted, nothing left of it       in between that this build does not know; a step comes before an
///                                                     applied one
///
/// Steps after all that this build knows are those of a later one. They are left alone: a build works with the schema of its
/// successor, because both serve side by side while one replaces the other, and because the change may be taken back.
public struct Migrator: Sendable {
    /// What a database has, and what it lacks.
    public struct Difference: Sendable, Equatable {
        /// The versions that were applied, ascending.
        public var applied: [Int]
        /// The steps to come, in order.
        public var pending: [Migration]

        /// A difference.
        public init(applied: [Int], pending: [Migration]) { (self.applied, self.pending) = (applied, pending) }
    }

    /// The plugin's id.
    public let plugin: String
    /// The schema, which must exist before the first step runs.
    public let schema: String
    /// The role the steps run as; nil is the login role.
    public let owner: String?
    /// All steps this build knows, in order.
    public let migrations: [Migration]
    /// How long a step waits for a lock that a running installation holds, before it fails and can be tried again.
    public var lockTimeout: Duration = .seconds(10)

    /// A migrator; the order of the versions is checked when it is used.
    public init(plugin: String, schema: String, owner: String? = nil, _ migrations: [Migration]) {
        (self.plugin, self.schema, self.owner, self.migrations) = (plugin, schema, owner, migrations)
    }

    /// Makes the table of records where it is missing; once per database, as its owner.
    public static func prepare(_ connection: Connection) throws(DatabaseError) {
        connection.role = nil
        // `if not exists` races with itself, hence the lock, which the transaction of the script holds.
        try connection.script(
            """
            select pg_advisory_xact_lock(\(lock));
            create schema if not exists lyceum;
            create table if not exists lyceum.migration (
                plugin text not null,
                version integer not null,
                name text not null,
                checksum text not null,
                at timestamptz not null default now(),
                primary key (plugin, version)
            );
            """)
    }

    /// What the database lacks; changes nothing.
    ///
    /// - Throws: `MigrationError` when the database and this build contradict each other.
    public func difference(_ connection: Connection) throws -> Difference {
        try checkOrder()
        connection.role = nil
        var known = try connection.query("select to_regclass('lyceum.migration') is not null").row(0)
        guard try known.next(as: Bool.self) else { return Difference(applied: [], pending: migrations) }
        return try compare(connection)
    }

    /// Applies what the database lacks, and returns it.
    ///
    /// - Parameter progress: Called before each step.
    /// - Throws: `MigrationError`; steps before the failing one stay applied.
    @discardableResult
    public func apply(_ connection: Connection, progress: (Migration) -> Void = { _ in }) throws -> [Migration] {
        try checkOrder()
        try Self.prepare(connection)
        var applied: [Migration] = []
        // The first pending step is looked for anew each time, under the lock: another migrator may have applied it meanwhile.
        while let step = try next(connection, progress) { applied.append(step) }
        return applied
    }

    /// Removes the records, after the schema was dropped.
    public func forget(_ connection: Connection) throws(DatabaseError) {
        connection.role = nil
        try connection.run("delete from lyceum.migration where plugin = \(plugin)")
    }

    /// "lyceum m" in ASCII: one lock for all migrators of a database.
    private static let lock = 0x6C79_6365_756D_206D as Int64

    private func next(_ connection: Connection, _ progress: (Migration) -> Void) throws -> Migration? {
        connection.role = nil
        try connection.begin()
        do {
            try connection.run("select pg_advisory_xact_lock(\(Self.lock))")
            guard let step = try compare(connection).pending.first else {
                connection.rollback()
                return nil
            }
            progress(step)
            try run(step, connection)
            try connection.commit()
            return step
        } catch {
            connection.rollback()
            throw error
        }
    }

    private func run(_ step: Migration, _ connection: Connection) throws {
        try connection.run(
            """
            select set_config('search_path', \(quoted(identifier: schema) + ", public"), true),
                set_config('lock_timeout', \("\(lockTimeout.milliseconds)"), true)
            """)
        let transaction = try identity(connection)
        connection.role = owner
        defer { connection.role = nil }
        do { try connection.script(step.sql) } catch {
            throw MigrationError(
                "\(plugin) migration \(step.version) (\(step.name)) failed and left nothing behind", cause: error)
        }
        guard connection.isInServerTransaction else { throw ended(step) }
        connection.role = nil
        guard try identity(connection) == transaction else { throw ended(step) }
        try connection.run(
            """
            insert into lyceum.migration (plugin, version, name, checksum)
            values (\(plugin), \(step.version), \(step.name), encode(sha256(convert_to(\(step.sql), 'UTF8')), 'hex'))
            """)
    }

    private func ended(_ step: Migration) -> MigrationError {
        MigrationError(
            "\(plugin) migration \(step.version) (\(step.name)) ends its transaction; leave BEGIN, COMMIT and ROLLBACK out of it"
        )
    }

    private func identity(_ connection: Connection) throws(DatabaseError) -> String {
        var row = try connection.query("select pg_current_xact_id()::text").row(0)
        return try row.next()
    }

    private func compare(_ connection: Connection) throws -> Difference {
        let recorded = try connection.query(
            "select version, name, checksum from lyceum.migration where plugin = \(plugin) order by version")
        let checksums = try connection.query(
            """
            select encode(sha256(convert_to(sql, 'UTF8')), 'hex')
            from unnest(\(migrations.map(\.sql))::text[]) with ordinality as one(sql, place) order by place
            """)
        var applied: [Int] = []
        for var row in recorded {
            let version: Int = try row.next()
            let name: String = try row.next()
            let checksum: String = try row.next()
            guard let index = migrations.firstIndex(where: { $0.version == version }) else {
                if version > migrations.last?.version ?? 0 {
                    applied.append(version)
                    continue
                }
                throw MigrationError(
                    """
                    the database has \(plugin) migration \(version) (\(name)), which this build of \(plugin) does not know; \
                    install the build that has it
                    """)
            }
            var expected = checksums.row(index)
            guard try expected.next() == checksum else {
                throw MigrationError(
                    """
                    \(plugin) migration \(version) (\(name)) was changed after it had been applied; \
                    restore its text and put the change into a new migration
                    """)
            }
            applied.append(version)
        }
        let pending = migrations.filter { !applied.contains($0.version) }
        if let last = applied.last, let late = pending.first(where: { $0.version < last }) {
            throw MigrationError(
                """
                \(plugin) migration \(late.version) (\(late.name)) comes before migration \(last), which has been applied; \
                give it a version above \(last)
                """)
        }
        return Difference(applied: applied, pending: pending)
    }

    private func checkOrder() throws(MigrationError) {
        var last = 0
        for step in migrations {
            guard step.version > last else {
                throw MigrationError(
                    "\(plugin) migration \(step.version) (\(step.name)) must have a version above \(last), as versions ascend from 1"
                )
            }
            last = step.version
        }
    }
}

internal import Lyceum
public import PostgreSQL

/// Brings a region's database to what its enabled plugins declare: roles, schemas, migrations, rights, cursors, and the triggers of an audit.
///
/// Everything may be done again and again, and then changes nothing. Two installers of one database wait for each other. A
/// plugin that a region never enabled leaves nothing in its database; one that it disabled keeps what it has.
public struct Installer: Sendable {
    /// The region, resolved.
    public let plan: RegionPlan
    /// The role that web workers and delivery log in as; nil when it is the one that installs.
    public let login: String?

    /// An installer for a region.
    public init(_ plan: RegionPlan, login: String? = nil) { (self.plan, self.login) = (plan, login) }

    /// One thing that is missing.
    public struct Step: Sendable, Equatable, CustomStringConvertible {
        /// The plugin it is for; `lyceum` for the kernel's own.
        public let plugin: String
        /// What it is, such as `migration 2 (categories)`.
        public let what: String

        /// Names a step.
        public init(plugin: String, what: String) { (self.plugin, self.what) = (plugin, what) }

        /// `courses: migration 2 (categories)`.
        public var description: String { "\(plugin): \(what)" }
    }

    /// What is missing, in the order in which ``install(_:progress:)`` does it; changes nothing.
    ///
    /// - Throws: `MigrationError` where the database and this build contradict each other, `DatabaseError`, and a sentence where
    ///   a listener hears another event than its place in the log is about.
    public func missing(_ connection: Connection) throws -> [Step] {
        var steps = try KernelSchema.migrator.difference(connection).pending.map { Installer.step("lyceum", $0) }
        let records = steps.isEmpty ? try PluginRecord.all(connection) : []
        let places = try places(connection)
        for enabled in plan.plugins {
            let plugin = enabled.plugin
            let id = plugin.id
            let known = records.first { $0.id == id }?.version
            if known == nil { steps.append(Step(plugin: id, what: "roles and schema")) }
            steps += try migrator(plugin).difference(connection).pending.map { Installer.step(id, $0) }
            for listener in plan.listeners where listener.plugin == id {
                let hears = "\(listener.topic) v\(listener.major)"
                guard let place = places[listener.name] else {
                    steps.append(Step(plugin: id, what: "listener \(listener.name) begins \(listener.start)"))
                    continue
                }
                guard place == hears else { throw ListenerMoved(name: listener.name, hears: hears, place: place) }
            }
            let version = plugin.manifest.version.description
            // An older build works with what a newer one installed.
            if known.map({ isOlder($0, than: plugin.manifest.version) }) ?? true {
                steps.append(
                    Step(plugin: id, what: known.map { "version \($0) becomes \(version)" } ?? "version \(version)"))
            }
        }
        for one in try AuditSetup(plan, connection, roles: roles).missing() {
            steps.append(Step(plugin: one.plugin, what: "audit of \(one.table)"))
        }
        return steps
    }

    /// Does what is missing, and returns it.
    ///
    /// - Parameters:
    ///   - connection: one whose role may create roles and schemas; nothing else uses it meanwhile.
    ///   - progress: is told each plugin before its turn.
    /// - Throws: as ``missing(_:)``; what was done before stays, and the next time goes on from there.
    @discardableResult
    public func install(_ connection: Connection, progress: (String) -> Void = { _ in }) throws -> [Step] {
        connection.role = nil
        try connection.run("select pg_advisory_lock(\(Installer.lock))")
        // The lock ends with the connection at the latest.
        defer { _ = try? connection.run("select pg_advisory_unlock(\(Installer.lock))") }
        let steps = try missing(connection)
        try KernelSchema.migrator.apply(connection)
        for enabled in plan.plugins {
            progress(enabled.plugin.id)
            try install(enabled.plugin, connection)
        }
        // Exports and erasures act as those whose data is still here, too.
        for plugin in try dormant(connection) { try roles(plugin).create(connection) }
        try AuditSetup(plan, connection, roles: roles).settle()
        if let login, login != connection.login { try admit(login, connection) }
        return steps
    }

    /// Stops recording what is audited, in a region that keeps an audit no more; what was recorded stays.
    public func endAudit(_ connection: Connection) throws {
        try AuditSetup(plan, connection, roles: roles).remove()
    }

    /// Whether the kernel's own schema is in the database, so that decisions can be recorded.
    public func isPrepared(_ connection: Connection) throws -> Bool {
        try KernelSchema.migrator.difference(connection).pending.isEmpty
    }

    /// "lyceum i" in ASCII; another one than that of single migrations, which take theirs while this one is held.
    private static let lock = 0x6C79_6365_756D_2069 as Int64

    private static let publish =
        "lyceum.publish(text[], integer[], text[], smallint[], text[], bigint, text)"

    private func install(_ plugin: KnownPlugin, _ connection: Connection) throws {
        let roles = roles(plugin)
        try roles.create(connection)
        try connection.script(
            """
            grant usage on schema lyceum to \(quoted(identifier: roles.app));
            \(KernelSchema.grantQueueing(to: quoted(identifier: roles.app)))
            grant execute on function \(Installer.publish) to \(quoted(identifier: roles.app));
            """)
        try migrator(plugin).apply(connection)
        let review = PersonalDataReview(plugin)
        if let sentence = try review.misspelt(connection).first ?? review.unworkable(connection, role: roles.app).first
        {
            throw RegistryError(sentence)
        }
        for (owner, listener) in plan.all(Listener.self) where owner == plugin.id {
            _ = try CursorSetup(connection: connection).settle(
                "\(plugin.id).\(listener.id)", plugin: plugin.id, topic: listener.topic, major: listener.major,
                start: listener.start, lanes: listener.lanes)
        }
        try connection.run(
            """
            insert into lyceum.plugin (id, version) values (\(plugin.id), \(plugin.manifest.version.description))
            on conflict (id) do nothing
            """)
        try connection.run(
            """
            update lyceum.plugin set version = \(plugin.manifest.version.description), at = clock_timestamp()
            where id = \(plugin.id) and (version is null or string_to_array(version, '.')::int[]
                < string_to_array(\(plugin.manifest.version.description), '.')::int[])
            """)
    }

    /// Whether a version that was recorded is older than another; what is no version is.
    private func isOlder(_ recorded: String, than version: Version) -> Bool {
        Version(recorded).map { $0 < version } ?? true
    }

    /// Lets another login serve: it becomes whichever plugin acts, and keeps the books of delivery.
    private func admit(_ login: String, _ connection: Connection) throws {
        connection.role = nil
        let name = quoted(identifier: login)
        let how = connection.serverVersion >= 160_000 ? " with inherit false, set true" : ""
        for plugin in try plan.plugins.map(\.plugin) + dormant(connection) {
            try connection.script("grant \(quoted(identifier: roles(plugin).app)) to \(name)\(how)")
        }
        try connection.script(
            """
            grant usage on schema lyceum to \(name);
            \(KernelSchema.grantRunning(to: name))
            \(KernelSchema.grantAnswering(to: name))
            \(KernelSchema.grantWatching(to: name))
            \(KernelSchema.grantNoting(to: name))
            \(KernelSchema.grantSealing(to: name))
            \(KernelSchema.grantErasing(to: name))
            grant execute on function \(Installer.publish), lyceum.prepare_event_partitions(integer),
                lyceum.drop_event_partitions(integer), lyceum.drop_rest_events(integer, integer) to \(name);
            grant select, insert, update, delete on lyceum.cursor, lyceum.retry, lyceum.listener to \(name);
            grant select on lyceum.event, lyceum.event_id, lyceum.plugin, lyceum.migration to \(name);
            """)
    }

    /// The plugins that the region does not enable, and that have been installed.
    private func dormant(_ connection: Connection) throws -> [KnownPlugin] {
        let installed = try PluginRecord.all(connection).filter { $0.version != nil }
        return plan.dormant.filter { plugin in installed.contains { $0.id == plugin.id } }
    }

    /// The events that listeners' cursors are about, `courses.enrollment.created v1`, by the listeners' names.
    private func places(_ connection: Connection) throws -> [String: String] {
        connection.role = nil
        guard try connection.query("select to_regclass('lyceum.cursor') is not null").row(0).only() else { return [:] }
        let rows = try connection.query(
            "select distinct on (listener) listener, topic || ' v' || major from lyceum.cursor")
        return Dictionary(uniqueKeysWithValues: try rows.map { row in (try row.next(), try row.next()) })
    }

    func roles(_ plugin: KnownPlugin) -> PluginRoles {
        PluginRoles(database: plan.entry.databaseName, plugin: plugin.id, schema: plugin.manifest.schema)
    }

    private func migrator(_ plugin: KnownPlugin) -> Migrator {
        let steps = plugin.declarations.flatMap { ($0 as? Migrations)?.all ?? [] }
        return Migrator(plugin: plugin.id, schema: plugin.manifest.schema, owner: roles(plugin).owner, steps)
    }

    private static func step(_ plugin: String, _ migration: Migration) -> Step {
        Step(plugin: plugin, what: "migration \(migration.version) (\(migration.name))")
    }
}

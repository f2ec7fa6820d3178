import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Synchronization

/// A fresh database of a test's own, with nothing in it.
struct InstallDatabase {
    private static let counter = Atomic<Int>(0)

    let entry: Generation.RegionEntry

    init(_ plugins: [String], name: String? = nil) throws {
        var entry = Generation.RegionEntry()
        entry.id = "studio"
        entry.title = "Studio"
        entry.currency = .eur
        entry.databaseName = name ?? "install_\(Self.counter.add(1, ordering: .relaxed).newValue)"
        let cluster = try TestCluster.shared()
        entry.database = cluster.conninfo(database: entry.databaseName)
        entry.plugins = plugins.map { Generation.PluginEntry(id: $0) }
        self.entry = entry
        try cluster.createDatabase(entry.databaseName)
    }

    func connection() throws -> Connection { try Connection(entry.database) }

    func installer(_ registry: Registry, _ plugins: [String]? = nil) throws -> Installer {
        var entry = entry
        if let plugins { entry.plugins = plugins.map { Generation.PluginEntry(id: $0) } }
        return Installer(try RegionPlan(entry, registry))
    }

    /// Everything that the database has: schemas, tables, columns, functions, triggers, rights and, in order, the rows of the
    /// kernel's tables, without what is a moment or a number of the server's.
    func catalogue() throws -> [String] {
        let result = try connection().query(
            """
            select 'schema ' || nspname || ' of ' || nspowner::regrole || ' ' || coalesce(nspacl::text, '')
            from pg_namespace where nspname !~ '^pg_(toast|temp)'
            union all
            select 'relation ' || oid::regclass || ' ' || relkind::text || ' ' || relowner::regrole || ' ' || coalesce(relacl::text, '')
            from pg_class where relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
            union all
            select 'column ' || attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod)
            from pg_attribute join pg_class on pg_class.oid = attrelid
            where relnamespace::regnamespace::text !~ '^(pg_|information_schema)' and attnum > 0
            union all
            select 'function ' || oid::regprocedure || ' ' || coalesce(proacl::text, '')
            from pg_proc where pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
            union all
            select 'trigger ' || tgrelid::regclass || ' ' || tgname from pg_trigger where not tgisinternal
            union all
            select 'role ' || rolname from pg_roles where starts_with(rolname, current_database() || '_')
            union all
            select 'plugin ' || id || ' ' || coalesce(state, '-') || ' ' || coalesce(version, '-') from lyceum.plugin
            union all
            select 'migration ' || plugin || ' ' || version || ' ' || checksum from lyceum.migration
            union all
            select 'cursor ' || listener from lyceum.cursor
            order by 1
            """)
        return try (0..<result.rowCount).map { index in
            var row = result.row(index)
            return try row.next()
        }
    }
}

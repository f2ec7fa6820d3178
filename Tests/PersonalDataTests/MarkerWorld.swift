import Accounts
import AccountsContract
import Audit
import Courses
import Foundation
import Kernel
import Lyceum
import LyceumTesting
import Media
import PostgreSQL
import Testing

/// An installation in which somebody has left a row in every table, and in each personal column a marker.
struct MarkerWorld {
    static let plugins: [any Plugin.Type] = [
        AccountsPlugin.self, AuditPlugin.self, CoursesPlugin.self, MediaPlugin.self, DiaryPlugin.self,
    ]
    static let email = "marker-email@example.org"
    static let password = "correct horse battery"

    let world: TestInstallation
    let client: InProcessClient
    let connection: Connection
    let plan: RegionPlan
    let account: String
    let plugins: [any Plugin.Type]

    init(
        _ plugins: [any Plugin.Type] = Self.plugins, filling fill: [(Connection, String, String) throws -> Void],
        locale: String = "en", limited: Bool = false, copied: Bool = true
    ) async throws {
        self.plugins = plugins
        world = try await TestInstallation(plugins: plugins, locale: locale, copied: copied, limited: limited)
        client = world.client()
        connection = try world.connection()
        plan = try RegionPlan(world.generation.regions[0], try Registry(plugins))
        for email in [Self.email, "radia@example.org"] {
            let made = try await client.send(
                "POST", "/api/accounts/registrations",
                json: #"{"name": "Mary", "email": "\#(email)", "password": "\#(Self.password)"}"#)
            try #require(made.status == 201, "\(made.text)")
        }
        var row = try connection.query("select id::text from accounts.account where email = \(Self.email)").row(0)
        account = try row.next()
        try connection.run(
            """
            insert into accounts.role_grant (account_id, role, granted_at, granted_by)
            select id, 'admin', now(), \(account)::uuid from accounts.account where email = 'radia@example.org'
            """)
        for fill in fill { try fill(connection, account, Self.email) }
    }

    /// What the platform's own plugins have of somebody.
    static func fill(_ connection: Connection, _ account: String, _ email: String) throws {
        for name in ["a key", nil] {
            try connection.run(
                """
                insert into accounts.session (token_hash, account_id, kind, created_at, expires_at, name, agent, address)
                values (convert_to('marker-accounts-session-token_hash-' || random(), 'UTF8'), \(account)::uuid, 'api', now(), now() + interval '1 day', \(name),
                    'agent', '192.0.2.1')
                """)
        }
        try connection.run(
            "insert into accounts.invitation values (convert_to('marker-accounts-invitation-token_hash', 'UTF8'), \(email), '{admin}', now(), now())"
        )
        try connection.run(
            """
            insert into courses.course (id, title, slug, level, status, price_minor, currency, author_id, created_at)
            values (gen_random_uuid(), 'T', 't', 'beginner', 'draft', 0, 'EUR', \(account)::uuid, now())
            """)
        try connection.run(
            """
            insert into courses.enrollment select gen_random_uuid(), id, \(account)::uuid, 'active', now() from courses.course
            """)
        try connection.run(
            """
            insert into media.file (id, person_id, kind, owner_id, name, type, size, sha256, disk, path, pictures, stored_at)
            values (gen_random_uuid(), \(account)::uuid, 'media.personal', \(account)::uuid, 'n', 'text/plain', 1, '\\x00',
                'directory', 'files/00/x', 'none', now())
            """)
        try connection.run(
            """
            insert into media.upload (id, person_id, kind, types, name, length, digest, created_at, touched_at, expires_at)
            values (gen_random_uuid(), \(account)::uuid, 'media.personal', '{}', 'n', 1, '\\x00', now(), now(), now())
            """)
        try connection.run(
            """
            insert into lyceum.intervention (subject, action, account, name, means)
            values ('x', 'release', \(account)::uuid, 'Mary', 'page')
            """)
    }

    private init(_ other: MarkerWorld, _ plan: RegionPlan) {
        (world, client, connection, account, plugins) = (
            other.world, other.client, other.connection, other.account, other.plugins
        )
        self.plan = plan
    }

    /// The same with other plugins enabled.
    func with(_ plan: RegionPlan) -> MarkerWorld { MarkerWorld(self, plan) }

    // MARK: Markers

    /// A column in which a marker was planted.
    struct Planted: CustomStringConvertible {
        let column: String
        let marker: String
        let isBytes: Bool
        let isSecret: Bool
        var description: String { column }

        /// Whether a text has it, as it is or as the digits of its bytes.
        func isIn(_ text: String) -> Bool {
            text.contains(marker) || text.contains(marker.utf8.map { String(format: "%02x", $0) }.joined())
        }
    }

    /// Plants a marker in each column of a person's rows, by the database's catalogue, that is not declared to be about nobody
    /// or to stay; answers them, and the tables in which the person has no row.
    func plant() throws -> (planted: [Planted], empty: [String]) {
        var planted: [Planted] = []
        var empty: [String] = []
        var declared = plugins.map { ($0.manifest.schema, $0.declarations) }
        declared.append(("lyceum", [PersonalDataReview.kernelDeclaration]))
        for (schema, declarations) in declared {
            for data in declarations.compactMap({ $0 as? PersonalData }) {
                for table in data.tables where table.key != nil {
                    let one = try plant(table, data, schema)
                    planted += one.planted
                    if one.rows == 0 { empty.append("\(schema).\(table.name)") }
                }
            }
        }
        return (planted, empty)
    }

    private func plant(
        _ table: PersonalTable, _ data: PersonalData, _ schema: String
    ) throws -> (planted: [Planted], rows: Int) {
        let name = "\(schema).\(table.name)"
        let condition = condition(table, data, schema)
        var count = try connection.query("select count(*)::int from \(unescaped: name) where \(unescaped: condition)")
            .row(0)
        let rows: Int = try count.next()
        let left = Set(
            data.tables.filter { $0.name == table.name }.flatMap { $0.kept + $0.impersonal + [$0.key?.column ?? ""] })
        let columns = try connection.query(
            """
            select attname::text, format_type(atttypid, null), exists (
                select from pg_index where indrelid = attrelid and indisprimary and attnum = any (indkey))
            from pg_attribute
            where attrelid = \(unescaped: "'\(name)'::regclass") and attnum > 0 and not attisdropped
            """)
        var planted: [Planted] = []
        for var row in columns {
            let (column, type): (String, String) = (try row.next(), try row.next())
            let isKey: Bool = try row.next()
            guard !left.contains(column), column != "email" else { continue }
            let marker = "marker-\(schema)-\(table.name)-\(column)"
            let text = "'\(marker)-' || (ctid::text)"
            let value: String
            switch type {
            case "text": value = text
            case "text[]": value = "array[\(text)]"
            case "json", "jsonb": value = "json_build_object('m', \(text))::\(type)"
            case "bytea": value = "convert_to(\(text), 'UTF8')"
            default: continue
            }
            // A key never changes: the row was made with its marker.
            if !isKey { try connection.script("update \(name) set \(column) = \(value) where \(condition)") }
            planted.append(
                Planted(
                    column: "\(name).\(column)", marker: marker, isBytes: type == "bytea",
                    isSecret: table.secret.contains(column)))
        }
        return (planted, rows)
    }

    private func condition(_ table: PersonalTable, _ data: PersonalData, _ schema: String) -> String {
        switch table.key {
        case .account(let column): return "\(column) = '\(account)'"
        case .email(let column): return "\(column) = '\(Self.email)'"
        case .parent(let column, let parent):
            guard let above = data.tables.first(where: { $0.name == parent }) else { return "false" }
            return "\(column) in (select id from \(schema).\(parent) where \(condition(above, data, schema)))"
        case nil: return "false"
        }
    }

    // MARK: What a person has done with it

    /// As `lyceum user export` does it.
    func export() async throws -> String {
        let subject = try subject()
        let work = try RegionWork(plan, world.generation.limits)
        let text = try await work.using(.personalRecords) { records, transaction in
            var text = ""
            try await records.export(of: subject, transaction) { text += $0 }
            return text
        }
        return try #require(text)
    }

    /// As `lyceum user erase` does it.
    func erase() async throws -> [PersonalHolding] {
        let subject = try subject()
        let work = try RegionWork(plan, world.generation.limits)
        let done = try await work.using(.accountAdministration) { try await $0.erase(subject, $1) }
        return try #require(done)
    }

    private func subject() throws -> DataSubject {
        DataSubject(id: try #require(Account.ID(account)).raw, email: Self.email)
    }

    /// Everything that the database has, as `pg_dump` writes it.
    func dump() throws -> String {
        let process = Process()
        let programs = try Cluster.Programs.find()
        let directories = [programs.directory, "/usr/lib/postgresql/\(programs.major)/bin", "/usr/bin"]
        let path = directories.map { $0 + "/pg_dump" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        process.executableURL = URL(filePath: try #require(path, "pg_dump is in none of \(directories)"))
        process.arguments = ["--data-only", "--dbname", world.generation.regions[0].database]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }

    func count(_ statement: Statement) throws -> Int {
        var row = try connection.query(statement).row(0)
        return try row.next()
    }

    /// Signs in, and answers the cookie and the token of the API.
    func signIn(_ email: String = Self.email) async throws -> (cookie: String, token: String) {
        let session = try await client.send(
            "POST", "/api/accounts/sessions", json: #"{"email": "\#(email)", "password": "\#(Self.password)"}"#)
        let page = try await client.post(
            "/accounts/sign-in", form: [("email", email), ("password", Self.password)])
        return ("lyceum=" + (try #require(page.cookie("lyceum"))), try #require(session.json("token") as? String))
    }
}

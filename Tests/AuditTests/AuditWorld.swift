import Accounts
import Audit
import Courses
import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Testing

/// A region that keeps an audit, with an administrator and an instructor.
struct AuditWorld {
    static let plugins: [any Plugin.Type] = [AccountsPlugin.self, AuditPlugin.self, CoursesPlugin.self]

    let world: TestInstallation
    let client: InProcessClient
    let database: Connection
    let plan: RegionPlan
    let admin: Person
    let author: Person

    struct Person {
        let id: String
        let name: String
        var email: String { "\(name)@example.org" }
        var token = ""
        var cookie = ""
    }

    init(locale: String = "en", copied: Bool = true) async throws {
        world = try await TestInstallation(
            plugins: Self.plugins, locale: locale, timeZone: "Europe/Berlin", copied: copied)
        client = world.client()
        database = try world.connection()
        plan = try RegionPlan(world.generation.regions[0], try Registry(Self.plugins))
        admin = try await Self.person("radia", role: "admin", client, database)
        author = try await Self.person("mary-marker", role: "instructor", client, database)
    }

    static func person(
        _ name: String, role: String, _ client: InProcessClient, _ database: Connection
    ) async throws -> Person {
        let password = "correct horse"
        let made = try await client.send(
            "POST", "/api/accounts/registrations",
            json: #"{"name": "\#(name)", "email": "\#(name)@example.org", "password": "\#(password)"}"#)
        var person = Person(id: try #require(made.json("id") as? String), name: name)
        try database.run("insert into accounts.role_grant values (\(person.id)::uuid, \(role), now())")
        let session = try await client.send(
            "POST", "/api/accounts/sessions", json: #"{"email": "\#(person.email)", "password": "\#(password)"}"#)
        person.token = try #require(session.json("token") as? String)
        let page = try await client.post(
            "/accounts/sign-in", form: [("email", person.email), ("password", password)])
        person.cookie = "lyceum=" + (try #require(page.cookie("lyceum")))
        return person
    }

    /// Writes a course as the author, and answers its id.
    func course(_ title: String) async throws -> String {
        let body =
            #"{"title": "\#(title)", "slug": "\#(title.lowercased().replacing(" ", with: "-"))", "level": "beginner", "price": {"amount": 0, "currency": "EUR"}}"#
        let answer = try await client.send(
            TestRequest(
                "POST", "/api/courses",
                headers: [
                    ("Authorization", "Bearer \(author.token)"), ("User-Agent", "agent-marker/1.0"),
                    ("Content-Type", "application/json"),
                ], body: Array(body.utf8)))
        try #require(answer.status == 201, "\(answer.status) \(answer.text)")
        return try #require(answer.json("id") as? String)
    }

    func text(_ statement: Statement) throws -> String? {
        guard var row = try database.query(statement).first else { return nil }
        return try row.next()
    }

    func number(_ statement: Statement) throws -> Int {
        var row = try database.query(statement).row(0)
        return try row.next()
    }

    /// Everything in the kernel's schema that is text, or could be read as text: columns of every table of the audit.
    func readable(_ marker: String) throws -> [String] {
        let columns = try database.query(
            """
            select attrelid::regclass::text, attname::text, atttypid = 'bytea'::regtype
            from pg_attribute join pg_class on pg_class.oid = attrelid
            where relnamespace = 'lyceum'::regnamespace and relname like 'audit%' and relkind = 'r' and attnum > 0
                and not attisdropped
            """)
        var found: [String] = []
        for var row in columns {
            let (table, column, isBytes): (String, String, Bool) = (try row.next(), try row.next(), try row.next())
            let count =
                isBytes
                ? try number(
                    """
                    select count(*)::int from \(unescaped: table)
                    where position(convert_to(\(marker), 'UTF8') in \(identifier: column)) > 0
                    """)
                : try number(
                    """
                    select count(*)::int from \(unescaped: table)
                    where position(lower(\(marker)) in lower(\(identifier: column)::text)) > 0
                    """)
            if count > 0 { found.append("\(table).\(column)") }
        }
        return found
    }
}

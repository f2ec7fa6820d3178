import Accounts
import Audit
import Courses
import Kernel
import Lyceum
import LyceumTesting
import Media
import PostgreSQL
import Testing

@Suite("A plugin says what it holds about people")
struct DeclarationTests {
    @Test("accounts does") func accounts() async throws { try await checkPersonalData(AccountsPlugin.self) }
    @Test("courses does") func courses() async throws {
        try await checkPersonalData(CoursesPlugin.self, beside: [AccountsPlugin.self])
    }
    @Test("media does") func media() async throws {
        try await checkPersonalData(MediaPlugin.self, beside: [AccountsPlugin.self])
    }
    @Test("the fixture does") func diary() async throws { try await checkPersonalData(DiaryPlugin.self) }

    @Test("the kernel does, of its own tables")
    func kernel() async throws {
        let world = try await TestInstallation(plugins: [AccountsPlugin.self, AuditPlugin.self])
        #expect(try PersonalDataReview.kernel.faults(try world.connection()) == [])
    }

    private struct Silent: Plugin {
        static let manifest = Manifest(id: "silent", version: "1.0.0")
        static var declarations: [any Declaration] { Migrations([Migration(1, "a", "create table silent.a (b text)")]) }
        init() {}
        func contributions(_ settings: NoSettings) -> [any Contribution] {}
    }

    private struct Readable: Plugin {
        static let manifest = Manifest(id: "readable", version: "1.0.0")
        static var declarations: [any Declaration] {
            Migrations([Migration(1, "a", "create table readable.a (id uuid primary key, b text)")])
            Audited("a", secret: [])
            PersonalData(.rows("a", of: "id", personal: ["b"]))
        }
        init() {}
        func contributions(_ settings: NoSettings) -> [any Contribution] {}
    }

    private struct Misspelt: Plugin {
        static let manifest = Manifest(id: "misspelt", version: "1.0.0")
        static var declarations: [any Declaration] {
            Migrations([Migration(1, "a", "create table misspelt.a (id uuid primary key, email text)")])
            PersonalData(.rows("a", of: "id", personal: ["emial"]))
        }
        init() {}
        func contributions(_ settings: NoSettings) -> [any Contribution] {}
    }

    private struct Orphan: Plugin {
        static let manifest = Manifest(id: "orphan", version: "1.0.0")
        static var declarations: [any Declaration] {
            PersonalData(
                .rows("line", of: .parent("order_id", of: "order")),
                .rows("order", of: "payer_id", personal: ["a", "a"]))
        }
        init() {}
        func contributions(_ settings: NoSettings) -> [any Contribution] {}
    }

    private struct Hollow: Plugin {
        static let manifest = Manifest(id: "hollow", version: "1.0.0")
        static var declarations: [any Declaration] {
            Migrations([Migration(1, "a", "create table hollow.a (id uuid primary key, at timestamptz)")])
            PersonalData(.columns("a", of: "id", personal: [:], also: ["at": .now]))
        }
        init() {}
        func contributions(_ settings: NoSettings) -> [any Contribution] {}
    }

    private struct Needed: Plugin {
        static let manifest = Manifest(id: "needed", version: "1.0.0")
        static var declarations: [any Declaration] {
            Migrations([Migration(1, "a", "create table needed.a (id uuid primary key, b text not null)")])
            PersonalData(.columns("a", of: "id", personal: ["b": .null]))
        }
        init() {}
        func contributions(_ settings: NoSettings) -> [any Contribution] {}
    }

    private struct Mistyped: Plugin {
        static let manifest = Manifest(id: "mistyped", version: "1.0.0")
        static var declarations: [any Declaration] {
            Migrations([Migration(1, "a", "create table mistyped.a (id uuid primary key, b integer)")])
            PersonalData(.columns("a", of: "id", personal: ["b": .value("x")]))
        }
        init() {}
        func contributions(_ settings: NoSettings) -> [any Contribution] {}
    }

    private func refusal(_ plugin: any Plugin.Type) -> String {
        do { _ = try Registry([plugin]) } catch { return "\(error)" }
        return ""
    }

    @Test("one with tables that says nothing, or contradicts itself, is refused")
    func refused() {
        #expect(
            refusal(Silent.self).contains("the plugin silent (built in) has tables, and does not say what they hold"))
        #expect(refusal(Readable.self).contains("erases the column a.b, but has its values recorded readably for ever"))
        #expect(refusal(Hollow.self).contains("replaces nothing of a person in a: declare it as kept"))
        #expect(refusal(Orphan.self).contains("declares line before its parent order"))
    }

    @Test("a misspelt column is refused when the plugin is installed")
    func misspelt() async throws {
        let error = await #expect(throws: RegistryError.self) {
            _ = try await TestInstallation(plugins: [Misspelt.self], copied: false)
        }
        #expect(
            error?.description.contains(
                "misspelt declares the column \"emial\" of a, but there is none; did you mean \"email\"?") == true,
            "\(String(describing: error))")
    }

    @Test(
        "one whose erasure would fail is refused when the plugin is installed",
        arguments: [
            (Needed.self as any Plugin.Type, "the column \"b\" cannot be null"),
            (Mistyped.self, "invalid input syntax for type integer"),
        ])
    func unworkable(plugin: any Plugin.Type, why: String) async throws {
        let error = await #expect(throws: RegistryError.self) {
            _ = try await TestInstallation(plugins: [plugin], copied: false)
        }
        #expect(
            error?.description.contains("declares the erasure of a, but") == true
                && error?.description.contains(why) == true, "\(String(describing: error))")
    }
}

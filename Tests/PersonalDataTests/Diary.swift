import Lyceum
import PostgreSQL

/// A plugin with every way in which a table can have something about people.
struct DiaryPlugin: Plugin {
    static let manifest = Manifest(id: "diary", version: "1.0.0")
    static var declarations: [any Declaration] {
        Migrations([
            Migration(
                1, "diary",
                """
                create table diary.entry (
                    id uuid primary key, author_id uuid not null, words text not null, mood jsonb, tags text[], born date);
                create table diary.page (
                    entry_id uuid not null references diary.entry, number integer, scan bytea, note text,
                    primary key (entry_id, number));
                create table diary.bill (
                    id uuid primary key, payer_id uuid not null, number text not null, name text not null, phone text,
                    seen_from inet);
                create table diary.letter (address text not null unique, words text not null);
                create table diary.paper (kind text primary key);
                """)
        ])
        Audited("bill", personal: ["name", "phone", "seen_from"], of: "payer_id")
        Audited("entry", personal: ["words", "mood", "tags", "born"])
        PersonalData(
            .rows("entry", of: "author_id", personal: ["words", "mood", "tags", "born"]),
            .rows("page", of: .parent("entry_id", of: "entry"), personal: ["note"], secret: ["scan"]),
            .columns(
                "bill", of: "payer_id", personal: ["phone": .null, "seen_from": .null], keeping: ["name"],
                because: "The law wants bills for ten years.", impersonal: ["number"]),
            .columns("letter", of: .email("address"), personal: ["address": .random, "words": .empty]),
            .impersonal("paper", "kind"))
    }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {}

    /// A row of everything, of a person.
    static func fill(_ connection: Connection, _ account: String, _ email: String) throws {
        try connection.run(
            "insert into diary.entry values (gen_random_uuid(), \(account)::uuid, 'w', '{}', '{t}', '2000-02-29')")
        try connection.run(
            "insert into diary.page select id, 1, '\\x01', 'n' from diary.entry where author_id = \(account)::uuid")
        try connection.run(
            "insert into diary.bill values (gen_random_uuid(), \(account)::uuid, '7', 'n', '1', '192.0.2.1')")
        try connection.run("insert into diary.letter values (\(email), 'w')")
    }
}

/// A plugin that forgets a column.
struct ForgetfulPlugin: Plugin {
    static let manifest = Manifest(id: "forgetful", version: "1.0.0")
    static var declarations: [any Declaration] {
        Migrations([
            Migration(
                1, "bills",
                "create table forgetful.bill (id uuid primary key, payer_id uuid, name text not null, phone text)")
        ])
        PersonalData(.columns("bill", of: "payer_id", personal: ["name": .empty]))
    }
    init() {}
    func contributions(_ settings: NoSettings) -> [any Contribution] {}

    static func fill(_ connection: Connection, _ account: String, _ email: String) throws {
        try connection.run("insert into forgetful.bill values (gen_random_uuid(), \(account)::uuid, 'n', '1')")
    }
}

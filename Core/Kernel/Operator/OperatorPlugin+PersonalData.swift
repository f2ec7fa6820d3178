internal import Lyceum

extension OperatorPlugin {
    /// What the kernel's own tables have about people.
    ///
    /// Where a row has no person by whom it could be found, nothing is exported of it; it goes with its time.
    static let personalData = PersonalData(
        .function(
            "intervention", of: "account", personal: ["name"], impersonal: ["subject", "action", "detail", "means"]),
        .kept(
            "event", unfound: ["key", "payload"],
            because:
                "Events name people by ids, which are nobody's once the account is erased; they go with their time.",
            impersonal: ["topic", "trace"]),
        .kept(
            "retry", unfound: ["key", "payload", "error", "causes"],
            because: "Events that failed are kept until somebody has mended what failed, or gives them up.",
            impersonal: ["listener", "trace"]),
        .kept(
            "job", unfound: ["key", "payload", "result", "error", "causes"],
            because: "Jobs name people by ids, which are nobody's once the account is erased; they go with their time.",
            impersonal: ["plugin", "job", "state", "holder", "trace"]),
        .kept(
            "answer", unfound: ["sealed"],
            because: "It can be read only with a key that the person's own program sent, and goes after a day.",
            impersonal: ["key", "request"]),
        .kept(
            "audit_entry",
            unfound: [
                "key", "old", "new", "old_person", "old_sealed", "new_person", "new_sealed", "login", "author_person",
                "author_sealed",
            ],
            because: """
                Who changed what is proof, and stays; what it says of people is encrypted with a key for each of them, which is \
                destroyed when they are erased.
                """, impersonal: ["entity", "action", "means", "plugin", "work", "request", "trace"]),
        .kept(
            "audit_key", unfound: ["person", "key"],
            because: "That somebody was erased is proof, and stays; the key itself goes.", impersonal: []),
        .impersonal("audit_seal", "hashes", "previous", "head"),
        .impersonal("audit_start", "head"),
        .impersonal("cursor", "listener", "plugin", "topic", "holder"),
        .impersonal("host", "id", "name", "plugins", "digest", "reason"),
        .impersonal("listener", "name", "last_death", "reason"),
        .impersonal("migration", "plugin", "name", "checksum"),
        .impersonal("plugin", "id", "state", "version"),
        .impersonal("schedule", "job", "expression", "zone"),
        .impersonal("wanted", "host"))
}

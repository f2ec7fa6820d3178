internal import Lyceum
internal import PostgreSQL

/// What was done to a row.
enum Action: String, Codable, CaseIterable, Sendable, SQLValue {
    case created, changed, removed, emptied, erased, exported
}

/// A change.
struct EntryView: View, Documented {
    var id: Int64
    var at: Instant
    var entity: String
    var key: String
    var action: Action
    var means: String
    var plugin: String?
    var account: String?
    var login: String?
    var work: String?
    var event: Int64?
    var request: String?
    var trace: String?
    var old: AnyJSON?
    var new: AnyJSON?
    var author: AnyJSON?

    static let about = [
        "entity": "The plugin's schema, a dot, the table.",
        "key": "The row's primary key.",
        "action":
            "What was done; emptied is a whole table at once, erased a person in the audit, exported all that is held of a person.",
        "means": "By which way: page, api, command, listener, job, or direct for a session of the database's own.",
        "plugin": "The plugin that began it.",
        "account": "Who was signed in.",
        "login": "Who typed the command, or had the session of the database's own.",
        "work": "The listener or the job.",
        "event": "The event whose listener it was.",
        "old":
            "What changed, before. Secret values are never recorded, and erased ones cannot be read: they are objects.",
        "new": "What changed, after.",
        "author": "Name, address and program of who acted; null where nobody was there, or they were erased.",
    ]
}

/// Which changes are wanted.
struct EntryFilter: Input {
    @Field(
        "Only of this table, such as courses.course, or of all tables of a schema, such as courses.", .length(1...120))
    var entity: String?
    @Field("Only of the row with this primary key.", .length(1...300)) var key: String?
    @Field("Only by this account.") var account: Actor.ID?
    @Field("Only this action.") var action: Action?
    @Field("Only of this request.", .length(1...64)) var request: String?
    @Field("Only of this trace.", .length(1...32)) var trace: String?
    @Field("Only from this moment on.") var from: Instant?
    @Field("Only before this moment.") var to: Instant?
    @Field("Where the last answer ended: its `next`.") var after: Cursor?
    @Field("How many.", .range(1...100)) var limit = 50
}

/// Whoever acts: an account of whichever plugin has them.
enum Actor {
    /// Names an account.
    struct ID: Identifier {
        let raw: RawID
        init(_ raw: RawID) { self.raw = raw }
    }
}

internal import AccountsContract
internal import Lyceum

/// What a session is for.
enum SessionKind: String, Codable, CaseIterable, Sendable { case page, api }

/// One of somebody's sessions or access keys, as they see it.
struct SessionView: View, Documented {
    var id: Session.ID
    var kind: SessionKind
    var name: String?
    var scopes: [String]?
    var agent: String?
    var address: String?
    var createdAt: Instant
    var lastSeenAt: Instant
    var expiresAt: Instant
    var isCurrent: Bool

    static let about = [
        "kind": "`page`: signed in on a page; `api`: a token of the API.",
        "name": "Of an access key, what its owner calls it; null: a session.",
        "scopes": "What an access key may do beyond reading; null: all that its owner may.",
        "agent": "What the program called itself that signed in.",
        "lastSeenAt": "When it was last used, to the minute.",
        "isCurrent": "Whether it is the one that asks.",
    ]
}

/// A new session of the API.
struct NewSession: View, Documented {
    var token: String
    var expiresAt: Instant
    var account: Account.ID

    static let about = ["token": "Send it as `Authorization: Bearer …`. It is shown only now."]
}

/// Somebody's sessions and keys: never many.
struct SessionList: View {
    var items: [SessionView]
}

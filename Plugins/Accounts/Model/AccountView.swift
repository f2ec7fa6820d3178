internal import AccountsContract
internal import Lyceum

/// An account as its owner sees it.
struct AccountView: View {
    var id: Account.ID
    var email: String
    var name: String
    var roles: [String]
}

/// A new session of the API.
struct SessionView: View, Documented {
    var token: String
    var expiresAt: Instant
    var account: Account.ID

    static let about = ["token": "Send it as `Authorization: Bearer …`. It is shown only now."]
}

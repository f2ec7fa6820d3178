internal import AccountsContract
internal import Lyceum

/// An account as its owner sees it.
struct AccountView: View {
    var id: Account.ID
    var email: String
    var name: String
    var roles: [String]
}

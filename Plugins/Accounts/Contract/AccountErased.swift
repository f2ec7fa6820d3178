public import Lyceum

/// Somebody's account was erased: what was declared to go is gone, in all plugins, and the id is nobody's any more.
public struct AccountErased: Event {
    /// `accounts.account.erased`.
    public static let name = "accounts.account.erased"

    /// The account that it was.
    public var account: Account.ID
    /// When it was erased.
    public var at: Instant

    /// Events of one account stay in order.
    public var key: String { "\(account)" }

    /// States the fact.
    public init(account: Account.ID, at: Instant) { (self.account, self.at) = (account, at) }
}

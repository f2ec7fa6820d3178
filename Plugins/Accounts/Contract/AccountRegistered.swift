public import Lyceum

/// Somebody made an account.
public struct AccountRegistered: Event {
    /// `accounts.account.registered`.
    public static let name = "accounts.account.registered"

    /// The new account.
    public var account: Account.ID
    /// When it was made.
    public var at: Instant

    /// Events of one account stay in order.
    public var key: String { "\(account)" }

    /// States the fact.
    public init(account: Account.ID, at: Instant) { (self.account, self.at) = (account, at) }
}

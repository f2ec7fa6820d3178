public import Lyceum

/// What an operator does with accounts from the command line.
public protocol AccountAdministration: Sendable {
    /// The roles that mean something in the region, in the order of the alphabet: those that its permissions name, that of
    /// whoever registers, and `admin`. A role that is none of them can be given, and opens nothing.
    func roles(_ transaction: borrowing Transaction) async throws -> [String]

    /// Makes an account with roles.
    ///
    /// - Throws: a `Problem` when the address is taken, or when something entered is not right.
    func add(
        email: String, name: String, password: String, roles: [String], _ transaction: borrowing Transaction
    ) async throws -> Account.ID

    /// Gives an account a role; true when it did not have it.
    func grant(_ role: String, to email: String, _ transaction: borrowing Transaction) async throws -> Bool

    /// Takes a role from an account; true when it had it. What is asked with its sessions is refused from then on.
    ///
    /// - Throws: a `Problem` when it is the last one that has the role `admin`.
    func revoke(_ role: String, from email: String, _ transaction: borrowing Transaction) async throws -> Bool

    /// Makes an invitation, and answers the path of the page where whoever opens it, once, makes an account with the roles.
    ///
    /// - Throws: a `Problem` when there is an account of the address already.
    func invite(
        email: String, roles: [String], until expiry: Instant, _ transaction: borrowing Transaction
    ) async throws -> String

    /// Ends all sessions and access keys of an account, and answers how many there were.
    func signOut(_ email: String, _ transaction: borrowing Transaction) async throws -> Int

    /// The person of an e-mail address or, also of one who was erased, of an account's id.
    ///
    /// - Throws: a `Problem` when there is none.
    func subject(_ who: String, _ transaction: borrowing Transaction) async throws -> DataSubject

    /// Erases a person in all plugins, and answers what was done and what stays; again, it erases what came since.
    ///
    /// - Throws: a `Problem` when it is the last one that has the role `admin`.
    func erase(_ subject: DataSubject, _ transaction: borrowing Transaction) async throws -> [PersonalHolding]

    /// The accounts in the order of their addresses: at most `limit` of them.
    func list(limit: Int, _ transaction: borrowing Transaction) async throws -> [AccountSummary]
}

/// An account as an operator's list shows it.
public struct AccountSummary: View {
    /// Its id.
    public var id: Account.ID
    /// Its address.
    public var email: String
    /// What the person is called.
    public var name: String
    /// Its roles, separated by commas.
    public var roles: String

    /// Sums up an account.
    public init(id: Account.ID, email: String, name: String, roles: String) {
        (self.id, self.email, self.name, self.roles) = (id, email, name, roles)
    }
}

extension Service where Value == any AccountAdministration {
    /// The administration of the region's accounts.
    public static var accountAdministration: Service { Service("accounts.administration") }
}

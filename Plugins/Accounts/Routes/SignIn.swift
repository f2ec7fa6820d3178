internal import AccountsContract
internal import Lyceum

/// Registering and signing in, as pages and the API share them.
struct SignIn: Sendable {
    private let settings: AccountsSettings

    init(_ settings: AccountsSettings) { self.settings = settings }

    /// Makes an account.
    ///
    /// The password is hashed before the transaction begins: it takes longer than all the rest.
    func register(_ registration: Registration, _ database: Database) async throws -> Account.ID {
        let hash = try Passwords.hash(registration.password.revealed)
        let id = database.newID(Account.ID.self)
        try await database.transaction { transaction in
            try await AccountStore.add(
                id: id, email: registration.email, name: registration.name, passwordHash: hash,
                roles: [settings.defaultRole], transaction)
        }
        return id
    }

    /// Makes the account of somebody who was invited; the invitation is used up with it.
    func accept(_ given: InvitationForm, _ database: Database) async throws -> Account.ID {
        let hash = try Passwords.hash(given.password.revealed)
        let id = database.newID(Account.ID.self)
        try await database.transaction { transaction in
            guard let invitation = try await InvitationStore.use(given.token, transaction) else {
                throw AccountsError.invitationSpent
            }
            try await AccountStore.add(
                id: id, email: invitation.email, name: given.name, passwordHash: hash,
                roles: Set(invitation.roles + [settings.defaultRole]).sorted(), transaction)
        }
        return id
    }

    /// The account of an address and password.
    func check(_ email: String, _ password: String, _ database: Database) async throws -> Account.ID {
        let found = try await AccountStore.find(email: email, database)
        guard try Passwords.fits(password, found?.passwordHash), let found else { throw AccountsError.wrongCredentials }
        return found.id
    }

    /// Begins a session and answers its token and when it ends.
    ///
    /// The token is always a new one, so nobody can make somebody sign in to a session that they know (session fixation).
    func begin(
        _ kind: SessionStore.Kind, _ account: Account.ID, remember: Bool, _ device: Device, _ database: Database
    ) async throws -> (token: String, expiry: Instant) {
        let terms = SessionStore.Terms(
            expiry: database.now + .seconds(seconds(remember)),
            idleSeconds: remember ? settings.idleDays * 86_400 : settings.idleMinutes * 60)
        return (try await SessionStore.begin(kind, account, terms, device, database), terms.expiry)
    }

    func seconds(_ remember: Bool) -> Int {
        remember ? settings.rememberDays * 86_400 : settings.sessionHours * 3_600
    }
}

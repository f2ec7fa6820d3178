internal import AccountsContract
public import Lyceum
internal import PostgreSQL

/// People: they register, sign in and out, and have roles.
public struct AccountsPlugin: Plugin {
    /// Who the plugin is.
    public static let manifest = Manifest(id: "accounts", version: "1.1.0")

    /// Schema and events.
    public static var declarations: [any Declaration] {
        Migrations([
            Migration(1, "accounts", PackageResources.v1_accounts_sql),
            Migration(2, "sessions", PackageResources.v2_sessions_sql),
        ])
        Permission.seePeople
        Permission.changePeople
        Permission.exportPeople
        Permission.erasePeople
        Emits(AccountRegistered.self)
        Emits(AccountErased.self)
        Audited("account", secret: ["password_hash"], personal: ["email", "name"], of: "id")
        Audited("role_grant")
        Audited(
            "session", secret: ["token_hash"], personal: ["name", "agent", "address"], of: "account_id",
            ignoring: ["last_seen_at"])
        // Whoever is invited has no account by whose key it could be kept, and erased.
        Audited("invitation", secret: ["token_hash"], ignoring: ["email"])
        PersonalData(
            .columns(
                "account", of: "id", personal: ["email": .empty, "name": .empty], secret: ["password_hash": .empty],
                also: ["deleted_at": .now]),
            .rows("role_grant", of: "account_id", impersonal: ["role"]),
            .kept(
                "role_grant", of: "granted_by", because: "Who gave a role answers for it; without a name, it is an id."),
            .rows(
                "session", of: "account_id", personal: ["name", "agent", "address"], secret: ["token_hash"],
                impersonal: ["kind", "scopes"]),
            .rows("invitation", of: .email("email"), secret: ["token_hash"], impersonal: ["roles"]))
    }

    /// Makes the plugin.
    public init() {}

    /// Routes, pages and services.
    public func contributions(_ settings: AccountsSettings) -> [any Contribution] {
        let routes = AccountRoutes(settings)
        let people = PeopleRoutes(settings)
        let pages = AccountPages(settings)
        let invitations = InvitationPages(settings)
        let peoplePages = PeoplePages(settings)

        Route(
            .post, "accounts/registrations", .public,
            about: "Makes an account, and a session of it: the answer has its token.",
            limited: [.registration], routes.register)
        Route(
            .post, "accounts/sessions", .public,
            about: "Signs in: the answer has the token of a new session.",
            limited: [.signIn], routes.signIn)
        Route(
            .delete, "accounts/sessions/current", .authenticated,
            about: "Ends the session whose token is sent.",
            routes.signOut)
        Route(
            .get, "accounts/sessions", .authenticated,
            about: "Lists the sessions and access keys of who asks, those used last first.",
            SessionRoutes.list)
        Route(
            .delete, "accounts/sessions", .authenticated,
            about: "Ends all sessions of who asks but the one that asks; access keys stay.",
            SessionRoutes.endOthers)
        Route(
            .delete, "accounts/sessions/{session}", .authenticated,
            about: "Ends a session, or an access key, of who asks.",
            SessionRoutes.end)
        Route(
            .post, "accounts/keys", .authenticated,
            about: "Makes an access key: a token that lasts, and may do no more than its scopes say.",
            limited: [.keys], SessionRoutes.makeKey)
        Route(
            .get, "accounts/people", .permission(.seePeople),
            about: "Lists people by their e-mail addresses.",
            PeopleRoutes.list)
        Route(
            .put, "accounts/people/{account}/roles", .permission(.changePeople),
            about: "Gives somebody the roles named, and takes all others.",
            people.setRoles)
        Route(
            .get, "accounts/me", .authenticated,
            about: "Who the token stands for.",
            routes.me)
        Route(
            .get, "accounts/me/export", .authenticated,
            about: "All that is held of who asks, over all plugins, as one document; at most 8 MiB.",
            limited: [.export], PersonalRecordRoutes.exportOwn)
        Route(
            .post, "accounts/me/erasure", .authenticated,
            about: "Erases who asks, for good; what is kept by law or contract stays.",
            limited: [.erasure], PersonalRecordRoutes.eraseOwn)
        Route(
            .get, "accounts/people/{account}/export", .permission(.exportPeople),
            about: "All that is held of a person, over all plugins, as one document; at most 8 MiB.",
            limited: [.peopleExport], PersonalRecordRoutes.export)
        Route(
            .post, "accounts/people/{account}/erasure", .permission(.erasePeople),
            about: "Erases a person, for good; what is kept by law or contract stays.",
            limited: [.peopleErasure], PersonalRecordRoutes.erase)

        PageRoute(.get, "accounts/register", .public, pages.showRegistration)
        PageRoute(.post, "accounts/register", .public, limited: [.registration], pages.register)
        PageRoute(.get, "accounts/sign-in", .public, pages.showSignIn)
        PageRoute(.post, "accounts/sign-in", .public, limited: [.signIn], pages.signIn)
        PageRoute(.post, "accounts/sign-out", .public, pages.signOut)
        SignInPage("/accounts/sign-in", signOut: "/accounts/sign-out", account: "/accounts/sessions")
        PageRoute(.get, "accounts/invitation", .public, limited: [.invitation], invitations.show)
        PageRoute(.post, "accounts/invitation", .public, limited: [.invitation], invitations.accept)
        PageRoute(.get, "accounts/sessions", .authenticated, SessionPages.show)
        PageRoute(.post, "accounts/sessions/end", .authenticated, SessionPages.endOthers)
        PageRoute(.post, "accounts/sessions/{session}/end", .authenticated, SessionPages.end)
        PageRoute(.post, "accounts/keys", .authenticated, limited: [.keys], SessionPages.makeKey)
        PageRoute(.get, "accounts/data", .authenticated, PersonalRecordPages.show)
        PageRoute(.get, "accounts/data/export", .authenticated, limited: [.export], PersonalRecordPages.download)
        PageRoute(.post, "accounts/data/erasure", .authenticated, limited: [.erasure], PersonalRecordPages.erase)

        PageRoute(.get, "admin/accounts/people", .permission(.seePeople), peoplePages.list)
        PageRoute(.get, "admin/accounts/people/{account}", .permission(.seePeople), peoplePages.show)
        PageRoute(.post, "admin/accounts/people/{account}/roles", .permission(.changePeople), peoplePages.grant)
        PageRoute(.post, "admin/accounts/people/{account}/roles/revoke", .permission(.changePeople), peoplePages.revoke)
        PageRoute(
            .post, "admin/accounts/people/{account}/sessions/end", .permission(.changePeople), peoplePages.endSessions)
        PageRoute(
            .get, "admin/accounts/people/{account}/data", .permission(.seePeople), PersonalRecordPages.showPerson)
        PageRoute(
            .get, "admin/accounts/people/{account}/data/export", .permission(.exportPeople), limited: [.peopleExport],
            PersonalRecordPages.downloadPerson)
        PageRoute(
            .post, "admin/accounts/people/{account}/data/erasure", .permission(.erasePeople), limited: [.peopleErasure],
            PersonalRecordPages.erasePerson)
        PageRoute(.get, "admin/accounts/access", .permission(.seePeople), peoplePages.access)
        Navigation.administration(
            .words("accounts.people.title"), about: .words("accounts.people.about"), path: "/admin/accounts/people",
            order: 100,
            .seePeople)
        Navigation.administration(
            .words("accounts.access.title"), about: .words("accounts.access.about"), path: "/admin/accounts/access",
            order: 110,
            .seePeople)

        Authenticator(SessionStore.recognise)
        Offer(.accountDirectory, StoredDirectory())
        Offer(.accountAdministration, StoredAdministration(settings))

        AccountTemplates.all
        Translations("en", AccountWords.english)
        Translations("de", AccountWords.german)
        Translations("ar", AccountWords.arabic)
        Translations("en", PersonalRecordWords.english)
        Translations("de", PersonalRecordWords.german)
        Translations("ar", PersonalRecordWords.arabic)

        Demo(AccountDemo.fill)
    }
}

extension RateLimit {
    /// Guesses at passwords: a class that signs in behind one address is let through, a list of passwords is not.
    static let signIn = RateLimit.perAddress("sign-in", 60, seconds: 300)
    /// New accounts.
    static let registration = RateLimit.perAddress("registration", 60, seconds: 3_600)
    /// Guesses at invitations.
    static let invitation = RateLimit.perAddress("invitation", 60, seconds: 300)
    /// New access keys.
    static let keys = RateLimit.perUser("keys", 30, seconds: 3_600)
    /// Exports, each of which asks every plugin for everything.
    static let export = RateLimit.perUser("export", 12, seconds: 3_600)
    /// Erasures; and guesses at the password of a session that was left open.
    static let erasure = RateLimit.perUser("erasure", 12, seconds: 3_600)
    /// Exports of others: somebody works off what people have asked for.
    static let peopleExport = RateLimit.perUser("people-export", 240, seconds: 3_600)
    /// Erasures of others.
    static let peopleErasure = RateLimit.perUser("people-erasure", 240, seconds: 3_600)
}

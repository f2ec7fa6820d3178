internal import AccountsContract
public import Lyceum
internal import PostgreSQL

/// People: they register, sign in and out, and have roles.
public struct AccountsPlugin: Plugin {
    /// Who the plugin is.
    public static let manifest = Manifest(id: "accounts", version: "1.0.0")

    /// Schema and events.
    public static var declarations: [any Declaration] {
        Migrations([Migration(1, "accounts", PackageResources.v1_accounts_sql)])
        Emits(AccountRegistered.self)
    }

    /// Makes the plugin.
    public init() {}

    /// Routes, pages and services.
    public func contributions(_ settings: AccountsSettings) -> [any Contribution] {
        let routes = AccountRoutes(settings)
        let pages = AccountPages(settings)

        Route(
            .post, "accounts/registrations", .public,
            about: "Makes an account, and a session of it: the answer has its token.",
            routes.register)
        Route(
            .post, "accounts/sessions", .public,
            about: "Signs in: the answer has the token of a new session.",
            routes.signIn)
        Route(
            .delete, "accounts/sessions/current", .authenticated,
            about: "Ends the session whose token is sent.",
            routes.signOut)
        Route(
            .get, "accounts/me", .authenticated,
            about: "Who the token stands for.",
            routes.me)

        PageRoute(.get, "accounts/register", .public, pages.showRegistration)
        PageRoute(.post, "accounts/register", .public, pages.register)
        PageRoute(.get, "accounts/sign-in", .public, pages.showSignIn)
        PageRoute(.post, "accounts/sign-in", .public, pages.signIn)
        PageRoute(.post, "accounts/sign-out", .public, pages.signOut)
        SignInPage("/accounts/sign-in", signOut: "/accounts/sign-out")

        Authenticator(SessionStore.recognise)
        Offer(.accountDirectory, StoredDirectory())
        Offer(.accountAdministration, StoredAdministration())

        Template(
            "accounts.register", file: "Accounts/Pages/Templates/register.mustache", PackageResources.register_mustache)
        Template(
            "accounts.sign-in", file: "Accounts/Pages/Templates/sign-in.mustache", PackageResources.sign_in_mustache)
        Translations("en", AccountWords.english)
        Translations("de", AccountWords.german)

        Demo(AccountDemo.fill)
    }
}

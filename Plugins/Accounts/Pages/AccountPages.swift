internal import AccountsContract
internal import Lyceum

/// The pages where people register, sign in and sign out.
struct AccountPages: Sendable {
    private let signIns: SignIn

    init(_ settings: AccountsSettings) { signIns = SignIn(settings) }

    private struct FormPage: Encodable, Sendable {
        var form: FormFields
    }

    private func registration(_ form: FormFields, status: Int = 200) -> Page {
        Page(
            "accounts.register", title: .words("accounts.register.title"), FormPage(form: form),
            status: status)
    }

    private func signIn(_ form: FormFields, status: Int = 200) -> Page {
        Page(
            "accounts.sign-in", title: .words("accounts.sign_in.title"), FormPage(form: form), status: status)
    }

    @Sendable func showRegistration(_ context: borrowing Context) async throws -> Page {
        registration(try context.blankForm(Registration.self))
    }

    @Sendable func register(_ context: borrowing Context, _ form: Form<Registration>) async throws -> Page {
        guard let given = form.value else { return registration(form.fields, status: 422) }
        do {
            let account = try await signIns.register(given, context.database)
            return try await begin(account, remember: false, to: "/", context.database)
        } catch AccountsError.emailTaken {
            return registration(form.fields.failing("email", AccountsError.emailTaken.problem.title), status: 409)
        }
    }

    @Sendable func showSignIn(_ context: borrowing Context, _ query: Query<SignInQuery>) async throws -> Page {
        if context.principal != nil { return .redirect(to: query.value.return) }
        return signIn(try context.blankForm(SignInForm.self).showing("return", query.value.return))
    }

    @Sendable func signIn(_ context: borrowing Context, _ form: Form<SignInForm>) async throws -> Page {
        guard let given = form.value else { return signIn(form.fields, status: 422) }
        do {
            let account = try await signIns.check(given.email, given.password.revealed, context.database)
            return try await begin(account, remember: given.remember, to: given.return, context.database)
        } catch AccountsError.wrongCredentials {
            return signIn(form.fields.failing(nil, AccountsError.wrongCredentials.problem.title), status: 401)
        }
    }

    @Sendable func signOut(_ context: borrowing Context) async throws -> Page {
        if let token = context.token { try await SessionStore.end(token, context.database) }
        return Page.redirect(to: "/").endingSession()
    }

    private func begin(_ account: Account.ID, remember: Bool, to path: String, _ database: Database) async throws
        -> Page
    {
        let (token, _) = try await signIns.begin(.page, account, remember: remember, database)
        return Page.redirect(to: path)
            .beginningSession(token, seconds: remember ? signIns.seconds(true) : nil)
    }
}

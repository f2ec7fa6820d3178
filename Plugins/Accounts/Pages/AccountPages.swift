internal import AccountsContract
internal import Lyceum

/// The pages where people register, sign in and sign out.
struct AccountPages: Sendable {
    private let signIns: SignIn

    init(_ settings: AccountsSettings) { signIns = SignIn(settings) }

    struct FormPage: Codable, Sendable {
        var form: FormFields
        /// The other of the two pages, with the same way back.
        var other: String
    }

    private func registration(_ form: FormFields, back: String, status: Int = 200) -> Page {
        Page(
            "accounts.register", title: .words("accounts.register.title"),
            FormPage(form: form, other: Self.link("/accounts/sign-in", back: back)), status: status)
    }

    private func signIn(_ form: FormFields, back: String, status: Int = 200) -> Page {
        Page(
            "accounts.sign-in", title: .words("accounts.sign_in.title"),
            FormPage(form: form, other: Self.link("/accounts/register", back: back)), status: status)
    }

    private static func link(_ path: String, back: String) -> String {
        back == "/" ? path : path + "?return=" + FormEncoding.encode(back)
    }

    @Sendable func showRegistration(_ context: borrowing Context, _ query: Query<SignInQuery>) async throws -> Page {
        let back = query.value.return
        if context.principal != nil { return .redirect(to: back) }
        return registration(try context.blankForm(RegistrationForm.self).showing("return", back), back: back)
    }

    @Sendable func register(_ context: borrowing Context, _ form: Form<RegistrationForm>) async throws -> Page {
        let back = form.fields["return"]
        guard let given = form.value else { return registration(form.fields, back: back, status: 422) }
        do {
            let account = try await signIns.register(given.registration, context.database)
            return try await Self.begin(account, remember: false, to: given.return, signIns, context)
        } catch AccountsError.emailTaken {
            let fields = form.fields.failing("email", Text("accounts.problem.email_taken"))
            return registration(fields, back: back, status: 409)
        }
    }

    @Sendable func showSignIn(_ context: borrowing Context, _ query: Query<SignInQuery>) async throws -> Page {
        let back = query.value.return
        if context.principal != nil { return .redirect(to: back) }
        return signIn(try context.blankForm(SignInForm.self).showing("return", back), back: back)
    }

    @Sendable func signIn(_ context: borrowing Context, _ form: Form<SignInForm>) async throws -> Page {
        let back = form.fields["return"]
        guard let given = form.value else { return signIn(form.fields, back: back, status: 422) }
        do {
            let account = try await signIns.check(given.email, given.password.revealed, context.database)
            return try await Self.begin(account, remember: given.remember, to: given.return, signIns, context)
        } catch AccountsError.wrongCredentials {
            let fields = form.fields.failing(nil, Text("accounts.problem.wrong_credentials"))
            return signIn(fields, back: back, status: 401)
        }
    }

    @Sendable func signOut(_ context: borrowing Context) async throws -> Page {
        if let token = context.token { try await SessionStore.end(token, context.database) }
        return Page.redirect(to: "/").endingSession()
    }

    /// Begins a session, in place of the one that the browser had, if any.
    static func begin(
        _ account: Account.ID, remember: Bool, to path: String, _ signIns: SignIn, _ context: borrowing Context
    ) async throws -> Page {
        if let before = context.token { try await SessionStore.end(before, context.database) }
        let (token, _) = try await signIns.begin(
            .page, account, remember: remember, Device(context.request), context.database)
        return Page.redirect(to: path)
            .beginningSession(token, seconds: remember ? signIns.seconds(true) : nil)
    }
}

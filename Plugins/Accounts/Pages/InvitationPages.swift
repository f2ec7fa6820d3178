internal import AccountsContract
internal import Lyceum

/// The page that an invitation leads to: whoever opens it makes an account, once.
struct InvitationPages: Sendable {
    private let signIns: SignIn

    init(_ settings: AccountsSettings) { signIns = SignIn(settings) }

    struct View: Codable, Sendable {
        var form: FormFields
        var email: String
        var roles: String?
    }

    private func page(
        _ form: FormFields, _ invitation: InvitationStore.Invitation, status: Int = 200
    ) -> Page {
        Page(
            "accounts.invitation", title: .words("accounts.invitation.title"),
            View(
                form: form, email: invitation.email,
                roles: invitation.roles.isEmpty ? nil : invitation.roles.joined(separator: ", ")), status: status)
    }

    /// Looking at it uses nothing up: programs that look at links before people do must not spoil them.
    @Sendable func show(_ context: borrowing Context, _ query: Query<InvitationQuery>) async throws -> Page {
        let token = query.value.token
        guard let invitation = try await InvitationStore.find(token, context.database) else {
            throw AccountsError.invitationSpent
        }
        return page(try context.blankForm(InvitationForm.self).showing("token", token), invitation)
    }

    @Sendable func accept(_ context: borrowing Context, _ form: Form<InvitationForm>) async throws -> Page {
        guard let invitation = try await InvitationStore.find(form.fields["token"], context.database) else {
            throw AccountsError.invitationSpent
        }
        guard let given = form.value else { return page(form.fields, invitation, status: 422) }
        do {
            let account = try await signIns.accept(given, context.database)
            return try await AccountPages.begin(account, remember: false, to: "/", signIns, context)
        } catch AccountsError.emailTaken {
            return page(form.fields.failing(nil, Text("accounts.problem.email_taken")), invitation, status: 409)
        }
    }
}

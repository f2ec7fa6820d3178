internal import Lyceum

/// The templates of the pages about sessions and people.
enum AccountTemplates {
    static let all: [any Contribution] = [
        Template(
            "accounts.access", file: path("access"), PackageResources.access_mustache, of: PeoplePages.AccessView.self),
        Template(
            "accounts.data", file: path("data"), PackageResources.data_mustache, of: PersonalRecordPages.View.self,
            form: PasswordConfirmed.self),
        // Part of both pages of what is held.
        Template("accounts.holdings", file: path("holdings"), PackageResources.holdings_mustache),
        Template(
            "accounts.invitation", file: path("invitation"), PackageResources.invitation_mustache,
            of: InvitationPages.View.self, form: InvitationForm.self),
        Template(
            "accounts.people", file: path("people"), PackageResources.people_mustache, of: PeoplePages.ListView.self),
        Template(
            "accounts.person", file: path("person"), PackageResources.person_mustache, of: PeoplePages.View.self,
            form: RoleForm.self),
        Template(
            "accounts.person-data", file: path("person-data"), PackageResources.person_data_mustache,
            of: PersonalRecordPages.View.self, form: AddressConfirmed.self),
        Template(
            "accounts.register", file: path("register"), PackageResources.register_mustache,
            of: AccountPages.FormPage.self, form: RegistrationForm.self),
        // Part of the pages with sessions.
        Template("accounts.session", file: path("session"), PackageResources.session_mustache),
        Template(
            "accounts.sessions", file: path("sessions"), PackageResources.sessions_mustache,
            of: SessionPages.View.self, form: AccessKeyDraft.self),
        Template(
            "accounts.sign-in", file: path("sign-in"), PackageResources.sign_in_mustache,
            of: AccountPages.FormPage.self, form: SignInForm.self),
    ]

    private static func path(_ name: String) -> String { "Accounts/Pages/Templates/\(name).mustache" }
}

internal import Lyceum

/// The templates of the pages about sessions and people.
enum AccountTemplates {
    static let all: [any Contribution] = [
        template("access", PackageResources.access_mustache),
        template("data", PackageResources.data_mustache),
        template("holdings", PackageResources.holdings_mustache),
        template("invitation", PackageResources.invitation_mustache),
        template("people", PackageResources.people_mustache),
        template("person", PackageResources.person_mustache),
        template("person-data", PackageResources.person_data_mustache),
        template("register", PackageResources.register_mustache),
        template("session", PackageResources.session_mustache),
        template("sessions", PackageResources.sessions_mustache),
        template("sign-in", PackageResources.sign_in_mustache),
    ]

    private static func template(_ name: String, _ bytes: [UInt8]) -> Template {
        Template("accounts.\(name)", file: "Accounts/Pages/Templates/\(name).mustache", bytes)
    }
}

internal import Lyceum

/// What can go wrong with accounts, for the person it happens to.
enum AccountsError: PublicError {
    case emailTaken
    case wrongCredentials
    case noSuchAccount(String)
    case keysMakeNoKeys
    case lastAdministrator
    case invitationSpent
    case wrongPassword
    case notThatAddress
    case exportTooLarge
    case noRecords
    /// There are plugins, by id, with data and without programs.
    case unknownData([String])

    var problem: Problem {
        switch self {
        case .emailTaken:
            Problem(
                status: 409, code: "accounts.email_taken",
                title: "There is an account with this e-mail address already.",
                detail: "Sign in instead.")
        case .wrongCredentials:
            // The same for an unknown address: nobody learns here who has an account.
            Problem(
                status: 401, code: "accounts.wrong_credentials",
                title: "E-mail address and password do not fit together.")
        case .noSuchAccount(let email):
            Problem(status: 404, code: "accounts.no_such_account", title: "There is no account of \(email).")
        case .keysMakeNoKeys:
            Problem(
                status: 403, code: "accounts.keys_make_no_keys", title: "An access key cannot be used for this.",
                detail: "Sign in with your password.")
        case .lastAdministrator:
            Problem(
                status: 409, code: "accounts.last_administrator", title: "Somebody must be left who administrates.",
                detail: "Make somebody else an admin first.")
        case .invitationSpent:
            Problem(
                status: 410, code: "accounts.invitation_spent", title: "This invitation has been used, or is too old.",
                detail: "Ask for a new one.")
        case .wrongPassword:
            Problem(status: 403, code: "accounts.wrong_password", title: "That is not your password.")
        case .notThatAddress:
            Problem(
                status: 409, code: "accounts.not_that_address", title: "That is not this person's e-mail address.")
        case .exportTooLarge:
            Problem(
                status: 422, code: "accounts.export_too_large", title: "There is too much for one answer.",
                detail: "Ask whoever runs this place: a command can export any amount.")
        case .unknownData(let plugins):
            Problem(
                status: 409, code: "accounts.unknown_data",
                title: "There is data of programs that are not running here: \(plugins.joined(separator: ", ")).",
                detail: "Nothing was erased. Ask whoever runs this place to mend them first.")
        case .noRecords:
            Problem(
                status: 501, code: "accounts.no_records", title: "Data can be neither exported nor erased here.")
        }
    }
}

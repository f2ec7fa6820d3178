internal import Lyceum

/// That who asks is who is signed in.
struct PasswordConfirmed: Input {
    @Field("Your password, to confirm that it cannot be undone.", .length(1...200)) var password: Secret<String>
}

/// That somebody in particular is meant.
struct AddressConfirmed: Input {
    @Field("The person's e-mail address, to confirm that it cannot be undone.", .length(1...254)) var email: String
}

extension Permission {
    /// Taking away what is held of somebody.
    static let exportPeople = Permission(
        "accounts.people.export", "Take away all that is held of a person, as a file.", roles: [], risk: .sensitive)
    /// Erasing people.
    static let erasePeople = Permission(
        "accounts.people.erase", "Erase people, for good.", roles: [], risk: .high)
}

internal import Lyceum

/// What somebody sends to make an account.
struct Registration: Input {
    @Field("What you are called.", .length(1...200).example("Ada Lovelace")) var name: String
    @Field("Your e-mail address.", .email.length(3...254).example("ada@example.org")) var email: String
    @Field("At least ten characters.", .length(10...200)) var password: Secret<String>
}

/// The address of somebody who has no account yet.
struct Addressed: Input {
    @Field("The e-mail address.", .email.length(3...254)) var email: String
}

/// What somebody who was invited sends to make an account; the address is the invitation's.
struct InvitationForm: Input {
    @Field("What you are called.", .length(1...200)) var name: String
    @Field("At least ten characters.", .length(10...200)) var password: Secret<String>
    @Field("What the link had.", .length(1...100)) var token: String
}

/// The query of the page that an invitation leads to.
struct InvitationQuery: Input {
    @Field("What the link had.", .length(1...100)) var token = ""
}

/// The registration form, which also knows where the visitor wanted to go.
struct RegistrationForm: Input {
    @Field("What you are called.", .length(1...200)) var name: String
    @Field("Your e-mail address.", .email.length(3...254)) var email: String
    @Field("At least ten characters.", .length(10...200)) var password: Secret<String>
    @Field("Where to go afterwards.", .length(0...2_000)) var `return` = "/"

    /// Without the way back, which is no part of an account.
    var registration: Registration {
        var registration = Registration()
        (registration.name, registration.email, registration.password) = (name, email, password)
        return registration
    }
}

/// What somebody sends to sign in.
struct Credentials: Input {
    @Field("Your e-mail address.", .length(1...254).example("ada@example.org")) var email: String
    @Field("Your password.", .length(1...200)) var password: Secret<String>
    @Field("Stay signed in on this device.") var remember = false
}

/// The sign-in form, which also knows where the visitor wanted to go.
struct SignInForm: Input {
    @Field("Your e-mail address.", .length(1...254)) var email: String
    @Field("Your password.", .length(1...200)) var password: Secret<String>
    @Field("Stay signed in on this device.") var remember = false
    @Field("Where to go afterwards.", .length(0...2_000)) var `return` = "/"
}

/// The query of the pages where people sign in and register.
struct SignInQuery: Input {
    @Field("Where to go afterwards.", .length(0...2_000)) var `return` = "/"
}

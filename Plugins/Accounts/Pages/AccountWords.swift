/// The words of the pages of accounts.
enum AccountWords {
    static let english = [
        "accounts.register.title": "Create an account",
        "accounts.register.submit": "Create account",
        "accounts.register.instead": "Already have an account?",
        "accounts.sign_in.title": "Sign in",
        "accounts.sign_in.submit": "Sign in",
        "accounts.sign_in.instead": "New here?",
        "accounts.field.name": "Name",
        "accounts.field.email": "E-mail address",
        "accounts.field.password": "Password",
        "accounts.field.password.hint": "At least ten characters.",
        "accounts.field.remember": "Stay signed in on this device",
        "accounts.problem.email_taken": "There is an account with this e-mail address already.",
        "accounts.problem.email_taken.detail": "Sign in instead.",
        "accounts.problem.wrong_credentials": "E-mail address and password do not fit together.",
    ]

    static let german = [
        "accounts.register.title": "Konto anlegen",
        "accounts.register.submit": "Konto anlegen",
        "accounts.register.instead": "Schon ein Konto?",
        "accounts.sign_in.title": "Anmelden",
        "accounts.sign_in.submit": "Anmelden",
        "accounts.sign_in.instead": "Neu hier?",
        "accounts.field.name": "Name",
        "accounts.field.email": "E-Mail-Adresse",
        "accounts.field.password": "Passwort",
        "accounts.field.password.hint": "Mindestens zehn Zeichen.",
        "accounts.field.remember": "Auf diesem Gerät angemeldet bleiben",
        "accounts.problem.email_taken": "Zu dieser E-Mail-Adresse gibt es schon ein Konto.",
        "accounts.problem.email_taken.detail": "Melde dich stattdessen an.",
        "accounts.problem.wrong_credentials": "E-Mail-Adresse und Passwort passen nicht zusammen.",
    ]
}

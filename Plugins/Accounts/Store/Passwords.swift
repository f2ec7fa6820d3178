internal import Lyceum

/// Passwords and what is kept of them.
enum Passwords {
    static func hash(_ password: String) throws -> String {
        guard let hash = Secrets.hash(password: password) else {
            throw Problem(
                status: 503, code: "busy", title: "Too much is going on right now.", detail: "Try again in a moment.")
        }
        return hash
    }

    /// Whether a password fits; as slow for an account that does not exist, so that the time tells nothing.
    static func fits(_ password: String, _ hash: String?) -> Bool {
        Secrets.verify(password: password, against: hash ?? decoy) && hash != nil
    }

    private static let decoy = Secrets.hash(password: Secrets.token()) ?? ""
}

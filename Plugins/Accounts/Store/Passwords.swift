internal import Lyceum
internal import Synchronization

/// Passwords and what is kept of them.
enum Passwords {
    static func hash(_ password: String) throws -> String { try Secrets.hash(password: password) }

    /// Whether a password fits; as slow for an account that does not exist, so that the time tells nothing.
    static func fits(_ password: String, _ hash: String?) throws -> Bool {
        let other = try hash ?? decoy()
        return try Secrets.verify(password: password, against: other) && hash != nil
    }

    private static let made = Mutex<String?>(nil)

    /// The hash of a password that nobody knows, made when one is first needed.
    private static func decoy() throws -> String {
        if let known = made.withLock({ $0 }) { return known }
        let new = try hash(Secrets.token())
        made.withLock { $0 = new }
        return new
    }
}

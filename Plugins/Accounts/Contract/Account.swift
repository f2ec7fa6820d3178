public import Lyceum

/// A person who can sign in to a region.
public enum Account {
    /// Names an account.
    public struct ID: Identifier {
        /// The id itself.
        public let raw: RawID

        /// Types an id.
        public init(_ raw: RawID) { self.raw = raw }
    }
}

extension Principal {
    /// The account of who is asking.
    public var account: Account.ID { Account.ID(id) }
}

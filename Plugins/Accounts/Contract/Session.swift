public import Lyceum

/// That somebody is signed in somewhere.
public enum Session {
    /// Names a session or an access key; knowing it opens nothing.
    public struct ID: Identifier {
        /// The id itself.
        public let raw: RawID

        /// Types an id.
        public init(_ raw: RawID) { self.raw = raw }
    }
}

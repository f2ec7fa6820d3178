extension Statement {
    /// Tells statements apart by where they stand in the program, for caches of what was worked out about one.
    public struct Identity: Hashable, Sendable {
        let pieces: Pieces

        /// Adds the addresses, which were summed up when the statement was made.
        public func hash(into hasher: inout Hasher) { hasher.combine(pieces.hash) }
    }

    /// The same for every execution of one statement, whatever its binds.
    public var identity: Identity { Identity(pieces: pieces) }
}

public import Lyceum

/// Something to learn, in a region's catalogue.
public enum Course {
    /// Names a course.
    public struct ID: Identifier {
        /// The id itself.
        public let raw: RawID

        /// Types an id.
        public init(_ raw: RawID) { self.raw = raw }
    }
}

/// A learner's place in a course.
public enum Enrollment {
    /// Names an enrolment.
    public struct ID: Identifier {
        /// The id itself.
        public let raw: RawID

        /// Types an id.
        public init(_ raw: RawID) { self.raw = raw }
    }
}

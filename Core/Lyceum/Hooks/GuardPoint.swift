/// A place in one plugin where others may refuse: synchronous, inside the caller's transaction, without network.
///
///     extension GuardPoint where Value == Course.ID {
///         public static let publishing = GuardPoint("courses.publishing")
///     }
public struct GuardPoint<Value: Sendable>: Sendable {
    /// `plugin.doing`.
    public let id: String
    /// What happens when a guard fails for another reason than refusing.
    public let faults: HookFaults
    /// How long each guard may take; nil: as long as `limits.hookMilliseconds` says.
    public let deadline: Duration?

    /// Names a point; the id must begin with the id of the plugin that owns it.
    ///
    /// A guard that takes longer than the deadline has failed: its statement is cancelled, and it gets no further one.
    public init(_ id: String, faults: HookFaults = .fail, deadline: Duration? = nil) {
        (self.id, self.faults, self.deadline) = (id, faults, deadline)
    }
}

/// What becomes of the caller when a hook fails for another reason than refusing.
public enum HookFaults: Sendable {
    /// The hook is required: the caller fails too.
    case fail
    /// The hook is skippable: its failure is logged and undone (a guard runs in a savepoint), and the caller goes on.
    ///
    /// A refusal is no failure: a ``Refusal``, any other ``PublicError``, a ``Problem`` and ``Faults`` are thrown on.
    case skip
}

/// A guard's no, for the person who asked.
public struct Refusal: PublicError {
    /// What a client sees: 409 with the code and sentence given.
    public let problem: Problem

    /// Refuses with a code such as `newsletter.consent_missing` and a sentence the person can act on.
    public init(_ code: String, _ sentence: String) {
        problem = Problem(status: 409, code: code, title: sentence)
    }
}

/// Attaches to a ``GuardPoint``: returns to allow, throws a ``Refusal``, another error for clients or ``Faults`` to refuse.
public struct Guard: Contribution {
    package let point: String
    package let value: ObjectIdentifier
    package let hook: GuardHook

    /// Attaches a guard; it runs as the plugin that contributes it.
    public init<Value>(
        _ point: GuardPoint<Value>, _ body: @escaping @Sendable (Value, borrowing Transaction) async throws -> Void
    ) {
        self.point = point.id
        value = ObjectIdentifier(Value.self)
        hook = GuardHook(body)
    }

    /// `guard on courses.publishing`.
    public var summary: String { "guard on \(point)" }
}

/// Declares that a plugin owns a hook point.
public struct HookPoint: Declaration {
    package let id: String
    package let value: ObjectIdentifier

    /// A point where others may refuse.
    public init<Value>(_ point: GuardPoint<Value>) { (id, value) = (point.id, ObjectIdentifier(Value.self)) }

    /// A point where others may add.
    public init<Question, Item>(_ point: CollectPoint<Question, Item>) {
        (id, value) = (point.id, ObjectIdentifier(CollectPoint<Question, Item>.self))
    }

    /// A place in a page where others may show something.
    public init<Subject>(_ slot: Slot<Subject>) { self.init(slot.point) }

    /// `hook point courses.publishing`.
    public var summary: String { "hook point \(id)" }
}

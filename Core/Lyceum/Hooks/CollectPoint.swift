/// A place in one plugin where others may add something, such as a line to a course's page.
public struct CollectPoint<Question: Sendable, Item: Sendable>: Sendable {
    /// `plugin.thing`.
    public let id: String

    /// What happens when a collector fails.
    public let faults: HookFaults
    /// How long each collector may take; nil: as long as `limits.hookMilliseconds` says.
    public let deadline: Duration?

    /// Names a point; the id must begin with the id of the plugin that owns it.
    ///
    /// Unless told otherwise a failing collector adds nothing and is logged: a page is not lost for a line on it. One that
    /// takes longer than the deadline has failed.
    public init(_ id: String, faults: HookFaults = .skip, deadline: Duration? = nil) {
        (self.id, self.faults, self.deadline) = (id, faults, deadline)
    }
}

/// Attaches to a ``CollectPoint``: answers what it adds.
public struct Collect: Contribution {
    package let point: String
    package let value: ObjectIdentifier
    package let hook: CollectHook

    /// Attaches a collector; it runs as the plugin that contributes it.
    public init<Question, Item>(
        _ point: CollectPoint<Question, Item>, _ body: @escaping @Sendable (Question, Database) async throws -> [Item]
    ) {
        self.point = point.id
        value = ObjectIdentifier(CollectPoint<Question, Item>.self)
        hook = CollectHook(body)
    }

    /// `collect on courses.page`.
    public var summary: String { "collect on \(point)" }
}

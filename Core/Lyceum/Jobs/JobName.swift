/// The name of a job within its plugin, and what it is told when it is queued.
///
///     extension JobName where Payload == Reminder {
///         static let sendReminder: Self = "send-reminder"
///     }
///
/// A literal is a name too, so that `Job("send-reminder", Reminder.self)` needs no constant.
public struct JobName<Payload: Codable & Sendable>: Sendable, ExpressibleByStringLiteral {
    /// Small letters, digits and hyphens, beginning with a letter.
    public let id: String

    /// Names a job.
    public init(_ id: String) { self.id = id }

    /// Names a job.
    public init(stringLiteral id: String) { self.id = id }
}

/// What a job is told that needs to be told nothing.
public struct NoPayload: Codable, Sendable {
    /// Makes the only value.
    public init() {}
}

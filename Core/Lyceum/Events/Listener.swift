/// Reacts to an event, once for each, in a transaction of the listener's own plugin.
///
/// What the listener changes in the database and the mark that it has seen the event are committed together, so the effect
/// happens exactly once, however often a process dies. Calls to other systems may happen twice: give them a key derived from
/// the event. Events of one key arrive in order; a failure is tried again later, and the later events of that key wait.
///
/// States of one event for one listener:
///
///     waiting -> done
///     waiting -> failed -> (later) done | failed … -> dead (after 25 attempts) -> retried | skipped by an operator
public struct Listener: Contribution {
    /// Where a listener begins that a region has never had; where it is later only delivery and operators say.
    public enum Start: Hashable, Sendable, CustomStringConvertible {
        /// With what happens from now on.
        case now
        /// With the oldest event that the log still holds.
        case beginning
        /// With the event of this id, as a region's log counts them: the plugin's settings may say which.
        case event(Int64)
        /// With the first event that was published at this moment or later.
        case time(Instant)

        /// `from now`, `from the beginning`, `from event 1042`, `from 2026-03-01T00:00:00Z`.
        public var description: String {
            switch self {
            case .now: "from now"
            case .beginning: "from the beginning"
            case .event(let id): "from event \(id)"
            case .time(let moment): "from \(moment)"
            }
        }
    }

    /// The listener's name within its plugin; changing it makes a new listener.
    public let id: String
    /// The event's name.
    public let topic: String
    /// The event's major version.
    public let major: Int
    /// Where it begins.
    public let start: Start
    /// How many of its events may be delivered at a time: 1, 2, 4, 8 or 16.
    public let lanes: Int
    /// What it reads of the event.
    package let describe: @Sendable (Book) throws -> ObjectSchema
    package let prepare: @Sendable (Book) throws -> PreparedListener

    /// Listens to an event whose type is imported.
    ///
    /// - Parameters:
    ///   - id: the listener's name within its plugin.
    ///   - start: where it begins in a region that never had it.
    ///   - lanes: how many of its events may be delivered at a time, each lane with keys of its own: 1, 2, 4, 8 or 16. More
    ///     than one pays where a listener is slow; those of one key still come one after another.
    public init<E: Event>(
        _ id: String, on event: E.Type, from start: Start = .now, lanes: Int = 1,
        _ body: @escaping @Sendable (E, borrowing Transaction) async throws -> Void
    ) {
        self.init(id, topic: E.name, major: E.major, start, lanes, body)
    }

    /// Listens to an event that is known only by name and shape; the parameters are those of the other one.
    public init<Payload: Decodable & Sendable>(
        _ id: String, on fact: Fact<Payload>, from start: Start = .now, lanes: Int = 1,
        _ body: @escaping @Sendable (Payload, borrowing Transaction) async throws -> Void
    ) {
        self.init(id, topic: fact.name, major: fact.major, start, lanes, body)
    }

    private init<Payload: Decodable & Sendable>(
        _ id: String, topic: String, major: Int, _ start: Start, _ lanes: Int,
        _ body: @escaping @Sendable (Payload, borrowing Transaction) async throws -> Void
    ) {
        (self.id, self.topic, self.major, self.start, self.lanes) = (id, topic, major, start, lanes)
        describe = { try $0.object(Payload.self) }
        prepare = { book in
            let schema = try book.object(Payload.self)
            return PreparedListener(
                check: { _ = try EventCoding.value(Payload.self, $0, schema) },
                handle: { payload, transaction in
                    try await body(try EventCoding.value(Payload.self, payload, schema), transaction)
                })
        }
    }

    /// `listener count-learners on courses.enrollment.created v1`.
    public var summary: String { "listener \(id) on \(topic) v\(major)" }
}

/// A listener whose payload has been described.
package struct PreparedListener: Sendable {
    /// Throws ``Faults`` when a text is no payload of the listener.
    package let check: @Sendable (_ payload: String) throws -> Void
    package let handle: @Sendable (_ payload: String, borrowing Transaction) async throws -> Void
}

internal import JSON
package import PostgreSQL

/// The events of a transaction until it commits.
package struct PendingEvents {
    private var topics: [String] = []
    private var majors: [Int] = []
    private var keys: [String] = []
    private var lanes: [Int16] = []
    private var payloads: [String] = []

    package init() {}

    package var isEmpty: Bool { topics.isEmpty }
    package var count: Int { topics.count }

    /// Forgets all but the first so many.
    package mutating func keep(first count: Int) {
        topics.removeLast(topics.count - count)
        majors.removeLast(majors.count - count)
        keys.removeLast(keys.count - count)
        lanes.removeLast(lanes.count - count)
        payloads.removeLast(payloads.count - count)
    }

    package mutating func add<E: Event>(_ event: E) throws {
        let key = event.key
        topics.append(E.name)
        majors.append(E.major)
        keys.append(key)
        lanes.append(EventLane.of(key))
        payloads.append(try EventCoding.text(event))
    }

    /// Stores them all at once, through the function that only the kernel's owner may have made.
    package func statement(causation: Int64?, trace: TraceContext?) -> Statement {
        let trace = trace?.description
        return "select lyceum.publish(\(topics), \(majors), \(keys), \(lanes), \(payloads), \(causation), \(trace))"
    }
}

internal import Lyceum

/// Whether somebody listens at all.
enum ListenerState: String, Codable, CaseIterable, Sendable {
    /// An enabled plugin has it.
    case active
    /// No enabled plugin has it: its cursor waits, and keeps old events from being dropped.
    case absent
    /// Its plugin is enabled and could not be loaded: its cursor waits for it.
    case failed
    /// It is given nothing, because its attempts ended with their process.
    case quarantined

    init(_ listener: String, isQuarantined: Bool, _ claims: ListenerClaims) {
        self =
            if isQuarantined {
                .quarantined
            } else if claims.isDeclared(listener) {
                .active
            } else {
                claims.mayBeOfFailed(listener) ? .failed : .absent
            }
    }
}

/// A listener, and how far it is.
struct ListenerView: View, Documented {
    var listener: String
    var topic: String
    var major: Int
    var state: ListenerState
    var quarantine: String?
    var behind: Int
    var lagSeconds: Int
    var waiting: Int
    var dead: Int
    var dropped: Int
    var lanes: [LaneView]

    static let about = [
        "listener": "Its name.", "topic": "The event's name.", "major": "The event's major version.",
        "quarantine": "Since when and why it is given nothing; null where it is not quarantined.",
        "behind": "Events that it has not been given yet; looked for among the next 1,001 for each lane.",
        "lagSeconds": "How old the oldest of those is.",
        "waiting": "Events that failed, or wait behind one that did.", "dead": "Events that were given up.",
        "dropped": "Events that were given up and dropped, because nobody cared for them within limits.deadDays.",
        "lanes": "The parts of its events that are delivered side by side.",
    ]

    /// More of a lane are not counted.
    static let most = 1_001

    init(_ lanes: [DeliveryBooks.Lane], _ claims: ListenerClaims) {
        listener = lanes[0].listener
        (topic, major) = (lanes[0].topic, lanes[0].major)
        quarantine = lanes[0].quarantine
        state = ListenerState(lanes[0].listener, isQuarantined: quarantine != nil, claims)
        self.lanes = lanes.map { LaneView($0) }
        behind = lanes.reduce(0) { $0 + $1.behind }
        lagSeconds = lanes.reduce(0) { max($0, $1.lag) }
        waiting = lanes.reduce(0) { $0 + $1.waiting }
        dead = lanes.reduce(0) { $0 + $1.dead }
        dropped = lanes[0].dropped
    }

    /// Listeners of their lanes, which come in the order of listeners.
    static func all(_ lanes: [DeliveryBooks.Lane], _ claims: ListenerClaims) -> [ListenerView] {
        var views: [ListenerView] = []
        var first = 0
        for index in lanes.indices where index + 1 == lanes.count || lanes[index + 1].listener != lanes[index].listener
        {
            views.append(ListenerView(Array(lanes[first...index]), claims))
            first = index + 1
        }
        return views
    }
}

/// A lane of a listener.
struct LaneView: View, Documented {
    var number: Int
    var behind: Int
    var lagSeconds: Int
    var waiting: Int
    var dead: Int
    var isBusy: Bool

    static let about = ["isBusy": "Whether a process is at work on it."]

    init(_ lane: DeliveryBooks.Lane) {
        (number, behind, lagSeconds) = (lane.number, lane.behind, lane.lag)
        (waiting, dead, isBusy) = (lane.waiting, lane.dead, lane.isHeld)
    }
}

/// What becomes of an event that failed.
enum FailedState: String, Codable, CaseIterable, Sendable {
    /// It is tried again.
    case waiting
    /// It was given up.
    case dead
}

/// Which of a listener's failed events are wanted.
struct FailedFilter: Input {
    @Field("Only those that wait, or only those given up.") var state: FailedState?
    @Field("Only those of this key.", .length(1...300)) var key: String?
    @Field("Where the last answer ended: its `next`.") var after: Cursor?
    @Field("How many.", .range(1...100)) var limit = 50
}

/// An event that failed for a listener, in a list.
struct FailedEventView: View, Documented {
    var event: Int64
    var key: String
    var state: FailedState
    var attempts: Int
    var publishedAt: Instant
    var dueAt: Instant?
    var error: String?

    static let about = [
        "attempts": "How often it was tried.", "dueAt": "When it is tried again; null when it was given up.",
        "error": "Why the last attempt failed; null while it only waits behind another of its key.",
    ]
}

/// An event that failed for a listener, with everything that is known of it.
struct FailedEventDetail: View, Documented {
    var listener: String
    var event: Int64
    var topic: String
    var major: Int
    var key: String
    var state: FailedState
    var attempts: Int
    var publishedAt: Instant
    var dueAt: Instant?
    var error: String?
    var causes: [FailureCause]
    var payload: AnyJSON
    var trace: String?

    static let about = [
        "causes": "The error and what caused it, the outermost first.", "payload": "The event's data.",
        "trace": "The W3C trace context of what published it.",
    ]
}

/// How many.
struct CountView: View {
    var count: Int
}

/// Where a replay begins.
enum ReplayStart: String, Codable, CaseIterable, Sendable {
    /// With the oldest event that the log holds.
    case beginning
    /// With an event.
    case event
    /// With the first event of a moment or later.
    case time
}

/// What a client of the API sends to replay events.
struct ReplayRequest: Input {
    @Field("Where it begins.") var from: ReplayStart
    @Field("The event, where it begins with one.", .range(1...Int64.max)) var event: Int64?
    @Field("The moment, where it begins with one.") var at: Instant?

    func check(_ faults: inout Faults) {
        if from == .event, event == nil { faults.add($event, "is required where the replay begins with an event") }
        if from == .time, at == nil { faults.add($at, "is required where the replay begins with a moment") }
    }

    var position: DeliveryBooks.Position {
        switch from {
        case .beginning: .beginning
        case .event: .event(event ?? 1)
        case .time: .time("\(at ?? .now)")
        }
    }
}

/// What a client of the API sends to skip an event.
struct SkipRequest: Input {
    @Field("Why, for whoever asks later.", .multiline.length(1...500)) var reason: String
}

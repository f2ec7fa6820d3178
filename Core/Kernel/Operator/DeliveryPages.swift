internal import Lyceum
internal import PostgreSQL

/// The pages of deliveries: what listeners were given, what failed for them, and what to do about it.
struct DeliveryPages: Sendable {
    private let claims: ListenerClaims

    init(_ plan: RegionPlan) { claims = ListenerClaims(plan) }

    // MARK: - Listeners

    struct Numbers: Codable, Sendable {
        var name: String
        var path: String
        var event: String
        var isAbsent: Bool
        var isFailed: Bool
        var quarantine: String?
        var behind: String
        var lag: String?
        var waiting: Int
        var dead: Int
        var lanes: Int

        init(_ view: ListenerView) {
            (name, path) = (view.listener, DeliveryPages.path(view.listener))
            event = "\(view.topic) v\(view.major)"
            (isAbsent, isFailed, quarantine) = (view.state == .absent, view.state == .failed, view.quarantine)
            behind = PageWords.behind(view.behind)
            lag = view.behind > 0 ? PageWords.duration(view.lagSeconds) : nil
            (waiting, dead, lanes) = (view.waiting, view.dead, view.lanes.count)
        }
    }

    struct Overview: Codable, Sendable {
        var listeners: [Numbers]
        var isEmpty: Bool
    }

    @Sendable func overview(_ context: borrowing Context) async throws -> Page {
        let lanes = try await context.database.query(DeliveryBooks.lanes(most: ListenerView.most))
        let listeners = ListenerView.all(try DeliveryBooks.lanes(lanes), claims).map { Numbers($0) }
        return Page(
            "lyceum.deliveries", title: .words("lyceum.admin.deliveries"),
            Overview(listeners: listeners, isEmpty: listeners.isEmpty))
    }

    // MARK: - One listener

    struct ListenerQuery: Input {
        @Field("Only those that wait, or only those given up.") var state: FailedState?
        @Field("Only those of this key.", .length(0...300)) var key: String?
        @Field("Where the last page ended.") var after: Cursor?
        @Field("Whether something has just been done.") var done = false
        @Field("An event that was asked for, but has not failed any more.") var gone: Int64?
    }

    struct Lane: Codable, Sendable {
        var number: Int
        var behind: String
        var lag: String?
        var waiting: Int
        var dead: Int
        var isBusy: Bool

        init(_ view: LaneView) {
            (number, behind, isBusy) = (view.number, PageWords.behind(view.behind), view.isBusy)
            lag = view.behind > 0 ? PageWords.duration(view.lagSeconds) : nil
            (waiting, dead) = (view.waiting, view.dead)
        }
    }

    struct Failed: Codable, Sendable {
        var event: Int64
        var path: String
        var key: String
        var isDead: Bool
        var attempts: Int
        var publishedAt: Moment?
        var dueAt: Moment?
        var error: String?
    }

    struct Listener: Codable, Sendable {
        var listener: Numbers
        /// Only where there are several.
        var lanes: [Lane]
        var hasLanes: Bool
        var failed: [Failed]
        var isEmpty: Bool
        var hasFailed: Bool
        var key: String
        var isWaitingOnly: Bool
        var isDeadOnly: Bool
        var isFiltered: Bool
        var first: String?
        var next: String?
        var mayChange: Bool
        /// An event that was asked for, but has not failed any more.
        var gone: Text?
        var done: InterventionParts
    }

    @Sendable func listener(
        _ context: borrowing Context, _ listener: DottedName, _ query: Query<ListenerQuery>
    ) async throws -> Page {
        let (database, name) = (context.database, listener.value)
        var filter = FailedFilter()
        filter.state = query.value.state
        filter.key = query.value.key.flatMap { $0.isEmpty ? nil : $0 }
        filter.after = query.value.after
        let (failed, lately) = (try DeliveryLists.failed(name, filter), Operator.lately(name))
        let results = try database.together([DeliveryBooks.lanes(of: name, most: ListenerView.most), failed, lately])
        guard let view = ListenerView.all(try DeliveryBooks.lanes(results[0]), claims).first else {
            throw Problem.notFound
        }
        let listing = try database.rows(FailedEventView.self, failed, results[1])
            .listing(limit: filter.limit, key: ["event"])
        let events = try listing.values()
        let done = try database.rows(Intervention.self, lately, results[2]).values()
        let clock = try await PageClock(context, events.flatMap { [$0.publishedAt, $0.dueAt] } + done.map(\.at))
        let path = Self.path(name)
        func address(_ after: Cursor?) -> String {
            PageWords.address(
                path, ["state": filter.state?.rawValue, "key": filter.key, "after": after.map { "\($0)" }])
        }
        return Page(
            "lyceum.listener", title: .text(name),
            Listener(
                listener: Numbers(view), lanes: view.lanes.count > 1 ? view.lanes.map { Lane($0) } : [],
                hasLanes: view.lanes.count > 1,
                failed: events.map { one in
                    Failed(
                        event: one.event, path: "\(path)/\(one.event)", key: one.key, isDead: one.state == .dead,
                        attempts: one.attempts, publishedAt: clock[one.publishedAt], dueAt: clock[one.dueAt],
                        error: one.error)
                },
                isEmpty: events.isEmpty, hasFailed: view.waiting + view.dead > 0, key: filter.key ?? "",
                isWaitingOnly: filter.state == .waiting, isDeadOnly: filter.state == .dead,
                isFiltered: filter.state != nil || filter.key != nil,
                first: filter.after.map { _ in address(nil) }, next: listing.next.map { address($0) },
                mayChange: context.may(.changeDeliveries),
                gone: query.value.gone.map { Text("lyceum.admin.gone", ["event": "\($0)"]) },
                done: InterventionParts(done, clock, isDone: query.value.done, by: context.principal?.name)))
    }

    @Sendable func retryAll(_ context: borrowing Context, _ listener: DottedName) async throws -> Page {
        let who = context.operatorByPage
        _ = try context.database.withConnection { try DeliveryBooks($0, for: who).retry(listener.value) }
        return .redirect(to: Self.path(listener.value) + "?done=true")
    }

    @Sendable func release(_ context: borrowing Context, _ listener: DottedName) async throws -> Page {
        let who = context.operatorByPage
        try context.database.withConnection { try DeliveryBooks($0, for: who).release(listener.value) }
        return .redirect(to: Self.path(listener.value) + "?done=true")
    }

    // MARK: - One event that failed

    struct SkipForm: Input {
        @Field("Why, for whoever asks later.", .multiline.length(1...500)) var reason: String
    }

    struct Event: Codable, Sendable {
        var listener: String
        var back: String
        var path: String
        var event: Int64
        var topic: String
        var log: String
        var key: String
        var others: String
        var isDead: Bool
        var attempts: Int
        var publishedAt: Moment?
        var dueAt: Moment?
        var error: String?
        var causes: [CausePart]
        var payload: String
        var trace: String?
        var replay: String
        var mayChange: Bool
        var form: FormFields
        var done: InterventionParts
    }

    @Sendable func event(
        _ context: borrowing Context, _ listener: DottedName, _ event: EventNumber
    ) async throws -> Page {
        try await page(context, listener.value, event.value, try context.blankForm(SkipForm.self))
    }

    private func page(
        _ context: borrowing Context, _ listener: String, _ event: Int64, _ form: FormFields, status: Int = 200
    ) async throws -> Page {
        let database = context.database
        let (wanted, lately) = (DeliveryLists.failed(listener, event: event), Operator.lately(listener))
        let results = try database.together([wanted, lately])
        let found = try database.rows(FailedEventDetail.self, wanted, results[0]).values()
        // It was delivered meanwhile, or skipped; what there is of the listener says the rest.
        guard let one = found.first else { return .redirect(to: "\(Self.path(listener))?gone=\(event)") }
        let done = try database.rows(Intervention.self, lately, results[1]).values().filter { $0.event == event }
        let clock = try await PageClock(context, [one.publishedAt, one.dueAt] + done.map(\.at))
        let path = Self.path(listener)
        return Page(
            "lyceum.failed-event", title: .text("\(listener) · \(event)"),
            Event(
                listener: listener, back: path, path: "\(path)/\(event)", event: event,
                topic: "\(one.topic) v\(one.major)", log: "/admin/events/\(one.topic)/\(one.major)/\(event)",
                key: one.key, others: PageWords.address(path, ["key": one.key]), isDead: one.state == .dead,
                attempts: one.attempts, publishedAt: clock[one.publishedAt], dueAt: clock[one.dueAt],
                error: one.error, causes: one.causes.map { CausePart($0) },
                payload: PageWords.pretty(one.payload.text), trace: one.trace,
                replay: PageWords.address(path + "/replay", ["from": "event", "event": "\(event)"]),
                mayChange: context.may(.changeDeliveries), form: form,
                done: InterventionParts(done, clock, isDone: false, by: nil)),
            status: status)
    }

    @Sendable func retry(
        _ context: borrowing Context, _ listener: DottedName, _ event: EventNumber
    ) async throws -> Page {
        let who = context.operatorByPage
        _ = try context.database.withConnection {
            try DeliveryBooks($0, for: who).retry(listener.value, event: event.value)
        }
        // Not to the event: it may be delivered before that page is there.
        return .redirect(to: Self.path(listener.value) + "?done=true")
    }

    @Sendable func skip(
        _ context: borrowing Context, _ listener: DottedName, _ event: EventNumber, _ form: Form<SkipForm>
    ) async throws -> Page {
        guard let given = form.value else {
            return try await page(context, listener.value, event.value, form.fields, status: 422)
        }
        let who = context.operatorByPage
        try context.database.withConnection {
            try DeliveryBooks($0, for: who).skip(listener.value, event: event.value, reason: given.reason)
        }
        return .redirect(to: Self.path(listener.value) + "?done=true")
    }

    // MARK: - Replaying

    struct ReplayQuery: Input {
        @Field("Where it begins.") var from: ReplayStart?
        @Field("The event.", .range(1...Int64.max)) var event: Int64?
    }

    struct ReplayForm: Input {
        @Field("Where it begins.") var from = ReplayStart.event
        @Field("The event.", .range(1...Int64.max)) var event: Int64?
        @Field("The moment, by the region's clock.", .length(0...30)) var at: String?
        @Field("Whether it has been confirmed.") var confirmed = false
    }

    struct Replay: Codable, Sendable {
        var listener: String
        var back: String
        var path: String
        var zone: String
        var form: FormFields
        var isBeginning: Bool
        var isEvent: Bool
        var isTime: Bool
        /// How many events it is, once that is asked to be confirmed.
        var count: Text?
        var isNothing: Bool
    }

    private func page(
        _ context: borrowing Context, _ listener: String, _ form: FormFields, from start: ReplayStart,
        count: Int? = nil, status: Int = 200
    ) -> Page {
        Page(
            "lyceum.replay", title: .words("lyceum.admin.replay"),
            Replay(
                listener: listener, back: Self.path(listener), path: Self.path(listener) + "/replay",
                zone: context.region.timeZone, form: form, isBeginning: start == .beginning, isEvent: start == .event,
                isTime: start == .time,
                count: count.map { count in
                    count >= ListenerView.most
                        ? Text("lyceum.admin.replay.many", ["count": "\(ListenerView.most - 1)"])
                        : Text("lyceum.admin.replay.count", count: count)
                },
                isNothing: count == 0),
            status: status)
    }

    @Sendable func showReplay(
        _ context: borrowing Context, _ listener: DottedName, _ query: Query<ReplayQuery>
    ) async throws -> Page {
        try await exists(listener.value, context.database)
        let form = try context.blankForm(ReplayForm.self)
            .showing("event", query.value.event.map { "\($0)" } ?? "")
        return page(context, listener.value, form, from: query.value.from ?? .event)
    }

    @Sendable func replay(
        _ context: borrowing Context, _ listener: DottedName, _ form: Form<ReplayForm>
    ) async throws -> Page {
        let name = listener.value
        try await exists(name, context.database)
        let start = ReplayStart(rawValue: form.fields["from"]) ?? .event
        guard let given = form.value else { return page(context, name, form.fields, from: start, status: 422) }
        let position: DeliveryBooks.Position
        switch (given.from, given.event, given.at.flatMap { $0.isEmpty ? nil : $0 }) {
        case (.beginning, _, _): position = .beginning
        case (.event, let event?, _): position = .event(event)
        case (.event, nil, _):
            let fields = form.fields.failing("event", Text("lyceum.fault.required"))
            return page(context, name, fields, from: start, status: 422)
        case (.time, _, let at?) where Self.isLocalTime(at):
            position = .time("\(at) \(context.region.timeZone)")
        case (.time, _, _):
            let fields = form.fields.failing("at", Text("lyceum.admin.replay.no_time"))
            return page(context, name, fields, from: start, status: 422)
        }
        let who = context.operatorByPage
        do {
            let count = try context.database.withConnection { connection -> Int? in
                let books = DeliveryBooks(connection, for: who)
                guard given.confirmed else {
                    return try books.replayed(name, from: position, most: ListenerView.most)
                }
                try books.replay(name, from: position)
                return nil
            }
            guard let count else { return .redirect(to: Self.path(name) + "?done=true") }
            return page(context, name, form.fields, from: start, count: count)
        } catch let error as DatabaseError where error.kind == .invalidValue && start == .time {
            let fields = form.fields.failing("at", Text("lyceum.admin.replay.no_time"))
            return page(context, name, fields, from: start, status: 422)
        }
    }

    /// What browsers send of `<input type="datetime-local">`: `2026-01-31T09:00`, with seconds where they were entered.
    private static func isLocalTime(_ text: String) -> Bool {
        text.utf8.count >= 16 && text.utf8.allSatisfy { (48...57).contains($0) || "-:.T ".utf8.contains($0) }
    }

    private func exists(_ listener: String, _ database: Database) async throws {
        let found = try await database.query("select from lyceum.cursor where listener = \(listener) limit 1")
        guard found.rowCount > 0 else { throw Problem.notFound }
    }

    static func path(_ listener: String) -> String { "/admin/deliveries/\(listener)" }
}

internal import ArgumentParser
internal import Kernel
internal import PostgreSQL

/// The command `lyceum deliveries`.
struct DeliveriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "Look at the events that listeners are given; retry, skip and replay them.",
        discussion: """
            An event that fails for a listener is tried again, later and later, and given up after 25 attempts; until then \
            the later events of its key wait behind it.

            Example:
              lyceum deliveries list --region academy
            """,
        subcommands: [
            List.self, Show.self, Retry.self, Skip.self, Replay.self, Release.self, Forget.self, Rebase.self,
        ])

    /// The command `lyceum deliveries list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the listeners: how far behind each is, what waits to be tried again, what was given up.",
            discussion: """
                Example:
                  lyceum deliveries list --region academy --json
                """)

        @OptionGroup var site: Site
        @OptionGroup var choice: RegionChoice
        @OptionGroup var output: OutputChoice

        func run() throws {
            let configuration = try Configuration(directory: site.config)
            let databases = try Databases(configuration, site.state)
            let resolution = try Resolution.looking(site, configuration)
            var all: [(region: String, listener: DeliveryBooks.Listener, state: String)] = []
            let plans = try resolution.plans(choice)
            for plan in plans {
                if plans.count > 1, let silence = resolution.reaches[plan.entry.id]?.silence {
                    say("note: left out because the database of \(plan.entry.id) does not answer: \(silence)")
                    continue
                }
                let claims = resolution.claims(plan)
                all += try DeliveryRegion.books(plan, databases).listeners().map {
                    (plan.entry.id, $0, claims.state(of: $0.name, isQuarantined: $0.quarantine != nil))
                }
            }
            if output.json { return tell(json: all.map { Shown($0, $1, state: $2) }) }
            let notes = [
                "absent": "no enabled plugin has it", "failed": "its plugin is enabled and could not be loaded",
            ]
            let titles = ["region", "listener", "event", "behind", "lag", "waiting", "dead", "note"]
            let rows = all.map { region, listener, state in
                [
                    region, listener.name, listener.event, "\(listener.behind)", "\(listener.lag) s",
                    "\(listener.waiting)", "\(listener.dead)",
                    ([listener.quarantine ?? notes[state]].compactMap { $0 }
                        + (listener.dropped > 0 ? ["\(listener.dropped) given up were dropped"] : []))
                        .joined(separator: "; "),
                ]
            }
            Table.show(titles, rows, json: false)
        }

        /// A listener, for programs, with the names that the API has.
        private struct Shown: Encodable {
            let region: String
            let listener: String
            let topic: String
            let major: Int
            let lanes: Int
            let state: String
            @OrNull var quarantine: String?
            let behind: Int
            let lagSeconds: Int
            let waiting: Int
            let dead: Int
            let dropped: Int

            init(_ region: String, _ one: DeliveryBooks.Listener, state: String) {
                (self.region, listener, topic, major, lanes) = (region, one.name, one.topic, one.major, one.lanes)
                self.state = state
                _quarantine = OrNull(wrappedValue: one.quarantine)
                (behind, lagSeconds) = (one.behind, one.lag)
                (waiting, dead, dropped) = (one.waiting, one.dead, one.dropped)
            }
        }
    }

    /// The command `lyceum deliveries show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the events that failed for a listener, or all about one of them.",
            discussion: """
                Examples:
                  lyceum deliveries show --region academy courses.count-learners
                  lyceum deliveries show --region academy courses.count-learners 1042
                """)

        @OptionGroup var of: DeliveryChoice
        @Argument(help: ArgumentHelp("One event.", valueName: "event")) var event: Int64?
        @Option(help: "How many events at most.") var limit = 100
        @OptionGroup var output: OutputChoice

        private static let most = 10_000

        func validate() throws {
            guard (1...Self.most).contains(limit) else {
                throw ValidationError("--limit is from 1 to \(Self.most); it is \(limit)")
            }
        }

        func run() throws {
            let (failed, count) = try of.with { books in
                (try books.failed(of.listener, event: event, limit: limit), try books.failedCount(of.listener))
            }
            if event == nil { sayMore(failed.count, of: count, most: Self.most) }
            if output.json, event == nil { return tell(json: failed.map { Shown($0) }) }
            let titles = ["event", "key", "published", "attempts", "next", "error"]
            guard event != nil else {
                let rows = failed.map { one in
                    [
                        "\(one.event)", one.key, one.published, "\(one.attempts)", one.due ?? "never: given up",
                        one.error ?? "waits behind another of its key",
                    ]
                }
                return Table.show(titles, rows, json: false)
            }
            guard let one = failed.first, let event else {
                throw Failure("event \(event ?? 0) has not failed for \(of.listener)")
            }
            if output.json { return tell(json: Shown(one, isWhole: true)) }
            var rows = [
                ["event", "\(event)"], ["key", one.key], ["payload", one.payload], ["published", one.published],
                ["attempts", "\(one.attempts)"], ["next", one.due ?? "never: given up"],
                ["error", one.error ?? "waits behind another of its key"],
            ]
            // The first is the error itself, unless it passed through something on its way.
            rows += one.causes.enumerated().map { ["cause \($0.offset + 1)", "\($0.element)"] }
            Table.show(["field", "value"], rows, json: false)
        }

        /// An event that failed, for programs, with the names that the API has.
        private struct Shown: Encodable {
            let listener: String
            let event: Int64
            let key: String
            let state: String
            let attempts: Int
            let publishedAt: String
            @OrNull var dueAt: String?
            @OrNull var error: String?
            /// Only where one event is shown.
            var payload: StoredJSON?
            /// The same.
            var causes: [FailureCause]?

            init(_ one: DeliveryBooks.Failed, isWhole: Bool = false) {
                (listener, event, key, attempts) = (one.listener, one.event, one.key, one.attempts)
                state = one.due == nil ? "dead" : "waiting"
                publishedAt = one.published
                (_dueAt, _error) = (OrNull(wrappedValue: one.due), OrNull(wrappedValue: one.error))
                guard isWhole else { return }
                (payload, causes) = (StoredJSON(one.payload), one.causes)
            }
        }
    }

    /// The command `lyceum deliveries retry`.
    struct Retry: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try a failed event again now, or all that failed for a listener.",
            discussion: """
                Examples:
                  lyceum deliveries retry --region academy courses.count-learners 1042
                  lyceum deliveries retry --region academy courses.count-learners --all
                """)

        @OptionGroup var of: DeliveryChoice
        @Argument(help: ArgumentHelp("The event.", valueName: "event")) var event: Int64?
        @Flag(help: "All that failed for the listener.") var all = false

        func validate() throws {
            guard (event != nil) != all else { throw ValidationError("name one event, or --all") }
        }

        func run() throws {
            let count = try of.with { try $0.retry(of.listener, event: event) }
            tell("\(count) \(count == 1 ? "event is" : "events are") tried again for \(of.listener)")
        }
    }

    /// The command `lyceum deliveries skip`.
    struct Skip: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a listener go on without an event that failed, or without all that it has not been given.",
            discussion: """
                Examples:
                  lyceum deliveries skip --region academy courses.count-learners 1042 --reason 'the course is gone'
                  lyceum deliveries skip --region academy courses.count-learners --all --yes
                """)

        @OptionGroup var of: DeliveryChoice
        @Argument(help: ArgumentHelp("The event.", valueName: "event")) var event: Int64?
        @Flag(help: "Everything that waits or failed: the listener begins from now.") var all = false
        @Flag(help: "Confirm --all.") var yes = false
        @Option(help: "Why, for whoever asks later.") var reason: String?

        func validate() throws {
            guard (event != nil) != all else { throw ValidationError("name one event, or --all") }
            guard !all || yes else { throw ValidationError("--all cannot be undone; add --yes to confirm it") }
        }

        func run() throws {
            try of.with { books in
                if let event {
                    try books.skip(of.listener, event: event, reason: reason)
                } else {
                    try books.skipAll(of.listener, reason: reason)
                }
            }
            tell(event.map { "\(of.listener) goes on without event \($0)" } ?? "\(of.listener) begins from now")
        }
    }

    /// The command `lyceum deliveries replay`.
    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a listener again what it has been given since an event or a moment.",
            discussion: """
                The listener's effects happen once more for each of these events.

                Examples:
                  lyceum deliveries replay --region academy courses.count-learners --from 2026-11-01T00:00:00Z --yes
                  lyceum deliveries replay --region academy courses.count-learners --from 1042 --yes
                  lyceum deliveries replay --region academy courses.count-learners --from beginning --yes
                """)

        @OptionGroup var of: DeliveryChoice
        @Option(help: ArgumentHelp("`beginning`, an event's number, or a moment.", valueName: "position"))
        var from: String
        @Flag(help: "Confirm that effects may happen again.") var yes = false

        /// Counted no further: the answer is to come at once.
        private static let most = 100_000

        func validate() throws {
            guard yes else { throw ValidationError("effects happen again; add --yes to confirm it") }
        }

        func run() throws {
            let position: DeliveryBooks.Position =
                from == "beginning" ? .beginning : Int64(from).map { .event($0) } ?? .time(from)
            let count: Int
            do {
                count = try of.with { books in
                    let count = try books.replayed(of.listener, from: position, most: Self.most)
                    guard count > 0 else {
                        throw Failure("the log has nothing for \(of.listener) since \(from); nothing is given again")
                    }
                    try books.replay(of.listener, from: position)
                    return count
                }
            } catch let error as DatabaseError where position == .time(from) && error.sqlState.hasPrefix("22") {
                throw Failure("--from \(from) is no event and no moment; say beginning, 1042, or 2026-11-01T00:00:00Z")
            }
            let events = count == Self.most ? "\(count) events or more" : count == 1 ? "1 event" : "\(count) events"
            tell("\(of.listener) is given \(events) again, those since \(from)")
        }
    }

    /// The command `lyceum deliveries release`.
    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a quarantined listener its events again.",
            discussion: """
                A listener of whose last attempts too many ended with their process is quarantined, which `list` shows with \
                the reason. Mend or disable its plugin first, or skip the event that it cannot bear.

                Example:
                  lyceum deliveries release --region academy courses.count-learners
                """)

        @OptionGroup var of: DeliveryChoice

        func run() throws {
            try of.with { try $0.release(of.listener) }
            tell("\(of.listener) is given its events again")
        }
    }

    /// The command `lyceum deliveries forget`.
    struct Forget: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a listener that no plugin has any more, or that hears another event now, with its place.",
            discussion: """
                Its place keeps old events from being dropped. What it was not given, it never will be. It is refused while an \
                enabled plugin has the listener for that event or could not be loaded, while this host serves it, and while \
                another host may.

                Example:
                  lyceum deliveries forget --region academy courses.old-listener --yes
                """)

        @OptionGroup var of: DeliveryChoice
        @Flag(help: "Confirm that what it has not been given is lost for it.") var yes = false

        func validate() throws {
            guard yes else { throw ValidationError("what it has not been given is lost; add --yes to confirm it") }
        }

        func run() throws {
            let serving = Serving(of.site.state)
            let own = try of.site.state.host().id
            try DeliveryRegion.with(of.site, of.region) { resolution, plan, books in
                var claims = resolution.claims(plan)
                claims.host = own
                claims.served = Set(serving?.listeners(in: of.region) ?? [])
                claims.failed.formUnion(serving?.region(of.region)?.failed.map(\.id) ?? [])
                let outline = serving?.outline?.regions.first { $0.id == of.region }
                claims.known.formUnion(outline?.plugins.split(separator: ", ").map(String.init) ?? [])
                try books.forget(of.listener, claims)
            }
            tell("\(of.listener) is forgotten")
        }
    }

    /// The command `lyceum deliveries rebase`.
    struct Rebase: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the event log right after its database was restored from a dump.",
            discussion: """
                In a new database transactions are numbered anew. What each listener had not been given is kept for it. \
                Nothing may serve the region meanwhile; it is refused while a host does.

                Example:
                  lyceum deliveries rebase --region academy
                """)

        @OptionGroup var site: Site
        @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name")) var region: String

        func run() throws {
            let count = try DeliveryRegion.with(site, region) { _, plan, books in
                let live = try DeliveryRegion.hosts(plan).filter(\.isLive)
                guard live.isEmpty else {
                    throw Failure(
                        """
                        \(live.map(\.name).joined(separator: " and ")) \(live.count == 1 ? "serves" : "serve") \(region); stop \
                        \(live.count == 1 ? "it" : "them") first. One that was killed counts for 20 seconds more
                        """)
                }
                return try books.rebase()
            }
            tell("\(region): \(count) deliveries are still to be made")
        }
    }
}

/// A listener of a region.
struct DeliveryChoice: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name")) var region: String
    @Argument(help: ArgumentHelp("The listener, as `list` names it.", valueName: "plugin.listener")) var listener:
        String
    @OptionGroup var site: Site

    /// Opens the books.
    func with<Answer>(_ body: (DeliveryBooks) throws -> Answer) throws -> Answer {
        try DeliveryRegion.with(site, region) { _, _, books in try body(books) }
    }
}

/// Opens the books of a region.
enum DeliveryRegion {
    static func with<Answer>(
        _ site: Site, _ region: String, _ body: (Resolution, RegionPlan, DeliveryBooks) throws -> Answer
    ) throws -> Answer {
        let configuration = try Configuration(directory: site.config)
        let databases = try Databases(configuration, site.state)
        let resolution = try Resolution.looking(site, configuration)
        let plan = try resolution.plan(region)
        // A private cluster that runs only for this command ends with the value.
        return try withExtendedLifetime(databases) {
            do { return try body(resolution, plan, try books(plan, databases)) } catch let refusal
                as DeliveryBooks.Refusal
            {
                throw Failure(refusal.description)
            }
        }
    }

    /// The hosts of a region.
    static func hosts(_ plan: RegionPlan) throws -> [HostRecord] { try HostRecord.all(Connection(plan.entry.database)) }

    static func books(_ plan: RegionPlan, _ databases: Databases) throws -> DeliveryBooks {
        guard let connection = try databases.administer(plan.entry), try Installer(plan).isPrepared(connection) else {
            throw Failure("region \(plan.entry.id) was never installed; run `lyceum migrate` first")
        }
        return DeliveryBooks(connection, for: .atCommandLine)
    }
}

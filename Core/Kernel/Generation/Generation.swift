public import Lyceum

/// The resolved configuration that a process is born with and dies with.
///
/// `lyceum` writes it as JSON into a directory of its own; workers and the delivery process only read it. Nothing in it is
/// relative, and nothing is looked up elsewhere, so two processes of one generation agree.
public struct Generation: Input {
    /// Counts up with every generation of an installation.
    @Field("Counts up with every generation of an installation.") public var revision = 0
    /// The generation that this one repeats, after a rollback; nil for one that was made of the configuration.
    @Field("The generation that this one repeats, after a rollback.") public var restored: Int?
    /// How many web processes it has.
    @Field("How many web processes it has.", .range(1...64)) public var workers = 2
    /// Whether this is a developer's installation: the index of all regions is shown to everybody.
    @Field("Whether this is a developer's installation.") public var development = false
    /// Whether open pages show themselves anew when another generation takes over: for developers who watch their changes.
    @Field("Whether open pages show themselves anew.") public var refreshes = false
    /// How lines of the log look; left out: text on a terminal, JSON elsewhere.
    @Field("How lines of the log look.") public var log: Log.Form?
    /// Where plugins keep files, a directory for each region; empty where nothing may be kept.
    @Field("Where plugins keep files.") public var files = ""
    /// What a process may use.
    @Field("What a process may use.") public var limits = Limits()
    /// The third parties' plugins.
    @Field("The third parties' plugins.") public var libraries: [Library] = []
    /// The regions, in the order of the index.
    @Field("The regions, in the order of the index.") public var regions: [RegionEntry] = []

    /// Makes an empty generation.
    public init() {}

    /// A plugin that a third party compiled.
    public struct Library: Input {
        /// The id that its manifest must have.
        @Field("The id that its manifest must have.") public var id: String
        /// The absolute path of the file.
        @Field("The absolute path of the file.") public var path: String

        /// Makes an entry to fill.
        public init() {}

        /// Makes an entry.
        public init(id: String, path: String) {
            self.id = id
            self.path = path
        }
    }

    /// A plugin that a region enabled.
    public struct PluginEntry: Input {
        /// The plugin's id.
        @Field("The plugin's id.") public var id: String
        /// The plugin's settings as a JSON object.
        @Field("The plugin's settings as a JSON object.") public var settings = "{}"
        /// Whether it is about to be disabled, and makes no new promises.
        @Field("Whether it is about to be disabled, and makes no new promises.") public var isDraining = false

        /// Makes an entry to fill.
        public init() {}

        /// Makes an entry.
        public init(id: String, settings: String = "{}", isDraining: Bool = false) {
            self.id = id
            self.settings = settings
            self.isDraining = isDraining
        }
    }

    /// A plugin that a region enabled and is served without.
    public struct FailedPlugin: Input {
        /// The plugin's id.
        @Field("The plugin's id.") public var id: String
        /// Why, in a sentence.
        @Field("Why, in a sentence.") public var reason: String

        /// Makes an entry to fill.
        public init() {}

        /// Makes an entry.
        public init(id: String, reason: String) { (self.id, self.reason) = (id, reason) }
    }

    /// A region.
    public struct RegionEntry: Input {
        /// The name in addresses.
        @Field("The name in addresses.") public var id: String
        /// The name for people.
        @Field("The name for people.") public var title: String
        /// One sentence about it.
        @Field("One sentence about it.") public var about = ""
        /// A BCP 47 language.
        @Field("A BCP 47 language.") public var locale = "en"
        /// An ISO 4217 currency.
        @Field("An ISO 4217 currency.") public var currency: Currency
        /// An IANA zone.
        @Field("An IANA zone.") public var timeZone = "UTC"
        /// ISO 3166-1 codes.
        @Field("ISO 3166-1 codes.") public var countries: [String] = []
        /// Where `/` leads.
        @Field("Where / leads.") public var home = "/"
        /// The libpq connection string of its database.
        @Field("The libpq connection string of its database.") public var database: String
        /// The name of its database, from which the names of its roles are made.
        @Field("The name of its database.") public var databaseName: String
        /// The operators' decisions up to this one are in it, as its database counts them.
        @Field("The operators' decisions up to this one are in it.") public var revision = 0
        /// Who may use its API from elsewhere, and how often.
        @Field("Who may use its API from elsewhere, and how often.") public var api = APISettings()
        /// Its own versions of templates.
        @Field("Its own versions of templates.") public var templates: [OwnTemplate] = []
        /// Its own words.
        @Field("Its own words.") public var words: [OwnWords] = []
        /// The plugins it enabled.
        @Field("The plugins it enabled.") public var plugins: [PluginEntry] = []
        /// The plugins that it enabled and is without, because they could not be loaded at the start.
        @Field("The plugins that it enabled and is without.") public var failed: [FailedPlugin] = []

        /// Makes an entry to fill.
        public init() {}
    }

    /// What a process may use.
    public struct Limits: Input {
        /// Threads of a web worker; each answers one request at a time.
        @Field("Threads of a web worker.", .range(1...512)) public var threads = 16
        /// Threads of a web worker that one region may hold; nil: half of ``threads``, or all where there is one region.
        @Field("Threads of a web worker that one region may hold.", .range(1...512)) public var regionThreads: Int?
        /// Connections to each region's database in one process.
        @Field("Connections to each region's database in one process.", .range(1...200)) public var connections = 6
        /// Threads that deliver events of each region, in the delivery process.
        @Field("Threads that deliver events of each region.", .range(1...16)) public var deliveries = 2
        /// How long events are kept, in days, once every listener has seen them.
        @Field("How long events are kept, in days.", .range(1...3_650)) public var eventDays = 90
        /// How long events are kept that were given up for a listener, in days; nil: until somebody retries or skips them.
        @Field("How long events are kept that were given up, in days.", .range(1...3_650)) public var deadDays: Int?
        /// How many requests may wait for a connection.
        @Field("How many requests may wait for a connection.", .range(0...10_000)) public var waiting = 64
        /// How long a request waits for a connection, in milliseconds.
        @Field("How long a request waits for a connection, in milliseconds.", .range(1...60_000))
        public var waitMilliseconds = 2_000
        /// How long one statement may run, in milliseconds.
        @Field("How long one statement may run, in milliseconds.", .range(10...600_000))
        public var statementMilliseconds = 15_000
        /// How long a request may take, in milliseconds; then its statement is cancelled, and it gets no further one.
        @Field("How long a request may take, in milliseconds.", .range(100...3_600_000))
        public var requestMilliseconds = 30_000
        /// How long a hook may take whose point does not say otherwise, in milliseconds.
        @Field("How long a hook may take, in milliseconds.", .range(10...3_600_000)) public var hookMilliseconds = 5_000
        /// How long a listener may take for one event, in milliseconds.
        @Field("How long a listener may take for one event, in milliseconds.", .range(100...3_600_000))
        public var listenerMilliseconds = 30_000
        /// How long a request or listener may go on after its time was up before its process is ended, in milliseconds.
        @Field("How long work may go on after its time was up, in milliseconds.", .range(100...3_600_000))
        public var graceMilliseconds = 15_000
        /// How many of a listener's last 20 attempts may end with their process before it is quarantined; 0: it never is.
        @Field("How many attempts of a listener may end with their process.", .range(0...20))
        public var listenerDeaths = 5
        /// The largest answer, in bytes.
        @Field("The largest answer, in bytes.", .range(65_536...1_073_741_824)) public var responseBytes = 16_777_216
        /// The largest body, in bytes.
        @Field("The largest body, in bytes.", .range(1_024...67_108_864)) public var bodyBytes = 1_048_576
        /// The largest body of a route that takes it in pieces, in bytes.
        @Field("The largest part of an upload, in bytes.", .range(65_536...1_073_741_824))
        public var partBytes = 8_388_608
        /// Threads for jobs in each region; each runs one at a time, in the delivery process.
        @Field("Threads for jobs in each region.", .range(1...64)) public var jobs = 2
        /// For how many days jobs that are over are kept, with their results and errors.
        @Field("For how many days jobs that are over are kept.", .range(1...3_650)) public var jobDays = 30
        /// How long a draining process may take, in seconds.
        @Field("How long a draining process may take, in seconds.", .range(1...600)) public var drainSeconds = 30

        /// The defaults.
        public init() {}

        /// How they must stand to each other.
        public func check(_ faults: inout Faults) {
            if let regionThreads, regionThreads > threads {
                faults.add($regionThreads, "must be at most threads (\(threads)); it is \(regionThreads)")
            }
            if statementMilliseconds > requestMilliseconds {
                faults.add(
                    $statementMilliseconds,
                    "must be at most requestMilliseconds (\(requestMilliseconds)); it is \(statementMilliseconds)")
            }
            if hookMilliseconds > requestMilliseconds {
                faults.add(
                    $hookMilliseconds,
                    "must be at most requestMilliseconds (\(requestMilliseconds)); it is \(hookMilliseconds)")
            }
            if statementMilliseconds > listenerMilliseconds {
                faults.add(
                    $listenerMilliseconds,
                    "must be at least statementMilliseconds (\(statementMilliseconds)); it is \(listenerMilliseconds)")
            }
            if requestMilliseconds > drainSeconds * 1_000 {
                faults.add(
                    $drainSeconds,
                    "must be at least requestMilliseconds (\(requestMilliseconds)), or a process that is replaced cuts requests off; it is \(drainSeconds)"
                )
            }
        }

        /// How many threads of a web worker a region may hold, of so many regions.
        func share(regions: Int) -> Int { regionThreads ?? (regions == 1 ? threads : max(1, threads / 2)) }

        /// All of them that have a value, by name.
        var all: [(name: StaticString, value: Int)] {
            var all: [(name: StaticString, value: Int)] = [
                ("threads", threads), ("connections", connections), ("deliveries", deliveries),
                ("eventDays", eventDays), ("waiting", waiting),
                ("waitMilliseconds", waitMilliseconds), ("statementMilliseconds", statementMilliseconds),
                ("bodyBytes", bodyBytes), ("partBytes", partBytes), ("jobs", jobs), ("jobDays", jobDays),
                ("drainSeconds", drainSeconds), ("requestMilliseconds", requestMilliseconds),
                ("hookMilliseconds", hookMilliseconds), ("listenerMilliseconds", listenerMilliseconds),
                ("graceMilliseconds", graceMilliseconds), ("listenerDeaths", listenerDeaths),
                ("responseBytes", responseBytes),
            ]
            if let regionThreads { all.insert(("regionThreads", regionThreads), at: 0) }
            if let deadDays { all.append(("deadDays", deadDays)) }
            return all
        }
    }
}

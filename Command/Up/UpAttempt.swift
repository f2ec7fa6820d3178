internal import Foundation
internal import Kernel

/// One run of `up`: what it started, so that it can stop that and nothing else.
///
///     nothing ──database──▶ migrated ──serve──▶ serving ──nginx──▶ answering
///        ▲──────── stop, from anywhere: nginx, then serve, then the database ────────┘
struct UpAttempt {
    let site: Site
    let configuration: Configuration
    let port: Int
    let detach: Bool
    let develop: Bool
    private var databases: Databases?
    private var serve: Child?
    private var nginx: Child?
    private var plans: [RegionPlan] = []
    private var failures: [String] = []
    private var state: StateDirectory { site.state }

    init(site: Site, configuration: Configuration, port: Int, detach: Bool, develop: Bool = false) {
        (self.site, self.configuration, self.port, self.detach) = (site, configuration, port, detach)
        self.develop = develop
    }

    /// Starts everything, each step once the one before is complete.
    mutating func start(demo: Bool) async throws {
        if let own = KnownProcess.own {
            let record = RunningInstallation.Record(up: own, port: port, detached: detach)
            try write(Table.json(record), to: state.running)
        }
        let isNew = try !state.cluster().isMade
        let databases = try Progress.step(isNew ? "making the database cluster" : "starting the database") {
            try Databases(configuration, state, making: true, lasting: true)
        }
        self.databases = databases
        let resolution = try Resolution(
            configuration, state, complete: true, mayFail: { _ in true }, ask: Reach.ask)
        failures = resolution.failures
        plans = resolution.plans
        for plan in plans where try !Migration.missing(plan, databases).isEmpty {
            _ = try Progress.step("migrating \(plan.entry.id)") { try Migration.run(plan, databases) }
        }
        if demo { try await fill() }
        let workers = configuration.installation.workers
        try Progress.step("starting \(workers) workers and delivery", logs: !detach) { try startServe() }
        try Progress.step("starting nginx", logs: !detach) { try startNginx() }
        try Signals.check()
    }

    /// Example data, once per region: what people removed of it stays removed.
    private func fill() async throws {
        let marks = state.path + "/demo"
        try FileManager.default.createDirectory(atPath: marks, withIntermediateDirectories: true)
        for plan in plans where !FileManager.default.fileExists(atPath: marks + "/" + plan.entry.id) {
            try Signals.check()
            tell("example data for \(plan.entry.id) …")
            _ = try await RegionWork(plan, configuration.installation.limits).fillDemo()
            try write("", to: marks + "/" + plan.entry.id)
        }
    }

    private mutating func startServe() throws {
        let log = state.run + "/serve.log"
        // Whoever started it reads along, through a pipe too.
        let isRead = !detach && configuration.installation.log == nil && Site.environment(Log.variable) == nil
        let own = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        let process = try Child(
            Preparation.programs + "/lyceum", ["serve"] + site.arguments + (develop ? ["--develop"] : []),
            environment: own + (isRead ? ["\(Log.variable)=text"] : []),
            output: detach ? .file(log) : .inherit, errors: detach ? .file(log) : .inherit, ownGroup: true)
        serve = process
        let deadline = Date().addingTimeInterval(150)
        while RunningSupervisor.revision(state) == 0 || KnownProcess(file: state.supervisorPid)?.id != process.id {
            try Signals.check()
            if let status = process.status() {
                throw Failure("`lyceum serve` \(status)\(detach ? "; its reason is in \(log)" : "")")
            }
            guard Date() < deadline else {
                throw Failure("`lyceum serve` is not ready after 150 s\(detach ? "; see \(log)" : "")")
            }
            usleep(20_000)
        }
    }

    private mutating func startNginx() throws {
        let nginx = NginxConfiguration(
            state: state, files: absolute(site.nginxFiles), port: port, socket: try state.socket(),
            filesDirectory: configuration.installation.files ?? state.files,
            body: configuration.installation.limits.bodyBytes)
        try nginx.write()
        let program =
            ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].first(where: FileManager.default.isExecutableFile) ?? "nginx"
        let log = state.nginx + "/start.log"
        unlink(log)
        let process = try Child(
            program, ["-p", state.nginx, "-c", nginx.path, "-e", state.nginx + "/error.log", "-g", "daemon off;"],
            output: .file(log), errors: .file(log), ownGroup: true)
        self.nginx = process
        let path = configuration.installation.development ? "/" : "/health/live"
        let deadline = Date().addingTimeInterval(30)
        while true {
            try Signals.check()
            if let status = process.status() {
                let said = (try? String(contentsOfFile: log, encoding: .utf8))?.trimmingCharacters(in: .newlines) ?? ""
                let taken = said.contains("Address already in use")
                throw Failure(
                    taken
                        ? "port \(port) was taken meanwhile by another program; choose another port with --port"
                        : "nginx \(status): \(said.isEmpty ? "see \(state.nginx)/error.log" : said)")
            }
            let status = Port.status(port, host: "localhost", path: path)
            if status == 200 { return }
            if Date() > deadline {
                throw Failure(
                    "http://localhost:\(port)\(path) answers \(status.map(String.init) ?? "nothing") after 30 s; "
                        + "see \(state.nginx)/error.log")
            }
            usleep(20_000)
        }
    }

    /// Says what to open.
    func announce(demo: Bool) {
        tell("\nLyceum serves at http://localhost:\(port)/")
        let width = plans.map(\.entry.id.count).max() ?? 0
        for plan in plans {
            let name = plan.entry.id.padding(toLength: width, withPad: " ", startingAt: 0)
            tell("  \(name)  http://\(plan.entry.id).localhost:\(port)/")
        }
        if !failures.isEmpty {
            say("\nNot all of it: \(failures.joined(separator: "\n  "))")
            say("  Put the library right, then `lyceum reload`.")
        }
        if demo {
            tell("\nSign in as one of these people of the example data:")
            for login in DemoLogins.all { tell("  \(login)") }
        }
        tell("")
    }

    /// Waits until it is told to end (nil), or until something that it started ended by itself.
    func waitForEnd() -> String? {
        while !Signals.haveAsked {
            if let status = serve?.status() { return "`lyceum serve` \(status) by itself; everything was stopped" }
            if let status = nginx?.status() { return "nginx \(status) by itself; everything was stopped" }
            usleep(100_000)
        }
        return nil
    }

    /// Stops what was started, in the order in which no request is lost.
    mutating func stop() throws {
        _ = nginx?.stop(SIGQUIT, within: .seconds(10))
        _ = serve?.stop(SIGTERM, within: .seconds(configuration.installation.limits.drainSeconds + 20))
        (nginx, serve) = (nil, nil)
        databases = nil
        let cluster = try state.cluster()
        if cluster.isMade { _ = try cluster.stop() }
        try? FileManager.default.removeItem(atPath: state.running)
    }
}

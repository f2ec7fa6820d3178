internal import Foundation
public import Kernel

/// A whole installation as an operator runs it: nginx, a supervisor, web and delivery processes, PostgreSQL.
///
///     let world = try await TestInstallation(regions: ["academy"], plugins: [AccountsPlugin.self])
///     let live = try await LiveInstallation(world)
///     let answer = try await live.client().get("/accounts/sign-in")
///
/// nginx runs with `nginx/standalone.conf`, so a region is the first label of a request's host. The supervisor runs in this
/// process. Everything ends with the last reference to this object, and with the test's process, however that ends.
public final class LiveInstallation: Sendable {
    /// The regions, their databases and the generation that is served.
    public let world: TestInstallation
    /// nginx's port on 127.0.0.1.
    public let port: UInt16
    /// The socket on which the workers answer.
    public var socket: String { directory + "/web.sock" }

    private let directory: String
    private let server: LiveServer
    private let supervisor: LiveSupervisor

    /// Starts everything, and waits until it answers.
    ///
    /// - Parameters:
    ///   - world: the regions; what its own client is asked goes to the same databases.
    ///   - worker: the program of web and delivery processes, which must have the world's plugins linked.
    ///   - webProcesses: how many web processes.
    ///   - stopDeadline: how long a process may take to end before the supervisor kills it; nil: as long as usual.
    ///   - delivery: makes the delivery process of a generation from its number and what it would be.
    public init(
        _ world: TestInstallation, worker: String = TestPrograms.path("TestWorker"), webProcesses: Int = 2,
        stopDeadline: Duration? = nil, delivery: @escaping @Sendable (Int, ProcessSpec) -> ProcessSpec = { $1 }
    ) async throws {
        self.world = world
        // Short: the path of a socket may have 107 bytes.
        let directory = "/tmp/lyceum-live-\(getpid())-\(UInt32.random(in: 0...0xFFFF_FFFF))"
        self.directory = directory
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        TestTrash.shared.add(directory)
        let regions = world.generation
        supervisor = try await LiveSupervisor(
            socket: directory + "/web.sock", errors: directory + "/errors", stopDeadline: stopDeadline
        ) { number in
            let own = directory + "/generation-\(number)"
            try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: false)
            var generation = regions
            generation.revision = number
            try GenerationFile.write(generation, directory: own)
            return GenerationSpec(
                web: ProcessSpec(worker, ["--generation", own]), webProcesses: webProcesses,
                delivery: delivery(number, ProcessSpec(worker, ["--generation", own, "--delivery"])))
        }
        server = try await LiveServer(
            socket: directory + "/web.sock", directory: directory, uploads: world.generation.files)
        port = server.port
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A client of a region, the first one unless told otherwise; it speaks HTTP to nginx.
    public func client(region: String? = nil) -> LiveClient {
        LiveClient(port: port, region: region ?? world.generation.regions[0].id)
    }

    /// A client of the index of regions, which names no region.
    public func indexClient() -> LiveClient { LiveClient(port: port, region: nil) }

    /// The number of the generation that serves, from 1.
    public var generation: Int { supervisor.serving }

    /// Asks for a new generation, and waits until it has taken over; the old one may still be draining.
    ///
    /// - Throws: ``LiveInstallationError`` with the reason when it is refused.
    public func reload() async throws {
        let (next, refusals) = (generation + 1, supervisor.refusals.count)
        supervisor.reload()
        try await waitUntil("generation \(next) serves") {
            generation >= next || supervisor.refusals.count > refusals
        }
        guard generation >= next else {
            throw LiveInstallationError(description: "refused: \(supervisor.refusals.last ?? "")")
        }
    }

    /// The web processes that run, draining ones as well.
    public var webProcesses: [Int32] { processes { $0.contains("--slot") } }

    /// The web processes of the generation that serves.
    public var servingProcesses: [Int32] {
        let own = "\(directory)/generation-\(generation)"
        return processes { $0.contains("--slot") && $0.contains { $0 == own } }
    }

    /// Every process of this installation but nginx's workers, which end with their master.
    public var processes: [Int32] { processes { _ in true } }

    private func processes(_ isWanted: ([Substring]) -> Bool) -> [Int32] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.filter { process in
            // A process that has ended has no command line any more.
            guard process != getpid(), let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline")
            else { return false }
            let line = String(decoding: bytes, as: UTF8.self)
            return line.contains(directory) && isWanted(line.split(separator: "\0"))
        }
    }

    /// What the supervisor has logged.
    public var lines: [String] { supervisor.lines }

    /// What the processes wrote to their standard error.
    public var errors: String { (try? String(contentsOfFile: directory + "/errors", encoding: .utf8)) ?? "" }

    /// Stops nginx, then the processes; answers how the supervisor ended, nil when it did not.
    @discardableResult
    public func stop() -> Supervisor.End? {
        server.stop()
        return supervisor.stop()
    }
}

/// Why an installation cannot be started for a test.
public struct LiveInstallationError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String
}

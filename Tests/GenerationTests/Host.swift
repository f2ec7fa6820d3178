import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

/// All suites of this target, one after the other: each of them keeps a machine busy.
@Suite("A running installation changes", .serialized)
enum Generations {}

/// A host as an operator runs it: `lyceum serve` behind nginx, with a state directory and a configuration of its own.
///
/// Several hosts that are given the same databases are hosts of one installation. All of it ends with this object.
final class Host {
    /// What a run of `lyceum` said.
    struct Answer: CustomStringConvertible {
        let code: Int32
        let output: String
        let errors: String
        var description: String { "code \(code)\n\(output)\(errors)" }
    }

    let directory: String
    private(set) var serve: Child?
    private var server: LiveServer?

    private let database: String?

    /// - Parameter database: the region's; an embedded one where there is none.
    init(database: String?, workers: Int = 2) throws {
        self.database = database
        // Short: the path of a socket may have 107 bytes.
        directory = "/tmp/lyg-\(UUID().uuidString.prefix(8))"
        for part in ["", "/Config", "/Config/regions", "/nginx"] {
            try FileManager.default.createDirectory(
                atPath: directory + part, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        }
        try library("LendingOne")
        try write(
            "lyceum.yaml",
            """
            workers: \(workers)
            limits: {threads: 4, connections: 3, deliveries: 1, jobs: 1}
            libraries: {lending: ../lending.so}

            """)
        try region()
    }

    deinit {
        server?.stop()
        _ = serve?.stop(SIGTERM, within: .seconds(30))
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Writes a file of the configuration.
    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: directory + "/Config/" + name, atomically: true, encoding: .utf8)
    }

    /// Writes the region, whose people borrow things at a desk; without one, the settings lack what is required.
    func region(desk: String? = "front", key: String? = nil) throws {
        let settings = [desk.map { "    desk: \($0)\n" }, key.map { "    key: \($0)\n" }].compactMap { $0 }.joined()
        let database = database.map { "database: \"\($0)\"\n" } ?? ""
        try write(
            "regions/school.yaml",
            "title: School\ncurrency: EUR\n\(database)plugins:\n  accounts:\n  lending:\n\(settings)")
    }

    /// The region's file.
    func regionFile() throws -> String {
        try String(contentsOfFile: directory + "/Config/regions/school.yaml", encoding: .utf8)
    }

    /// Puts a release of the plugin in the place of the one that is there, as an operator does: by a rename.
    func library(_ name: String) throws {
        try library(try Data(contentsOf: URL(filePath: TestPrograms.path("lib\(name).so"))))
    }

    /// Puts any bytes in its place.
    func library(_ bytes: Data) throws {
        let new = directory + "/lending.new"
        try bytes.write(to: URL(filePath: new))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: new)
        try #require(rename(new, directory + "/lending.so") == 0)
    }

    private var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LYCEUM_") }
        environment["LYCEUM_CONFIG"] = directory + "/Config"
        environment["LYCEUM_STATE"] = directory + "/state"
        return environment
    }

    /// Begins `lyceum` with these words.
    func begin(_ words: [String], to name: String) throws -> Child {
        try Child(
            TestPrograms.path("lyceum"), words, environment: environment.map { "\($0.key)=\($0.value)" },
            output: .file("\(directory)/\(name).out"), errors: .file("\(directory)/\(name).err"))
    }

    /// What a run to a name has said so far.
    func said(_ name: String) -> (output: String, errors: String) {
        func text(_ end: String) -> String {
            (try? String(contentsOfFile: "\(directory)/\(name).\(end)", encoding: .utf8)) ?? ""
        }
        return (text("out"), text("err"))
    }

    /// Runs `lyceum` to its end.
    @discardableResult
    func callAsFunction(_ words: String...) throws -> Answer {
        let name = "run-\(UUID().uuidString.prefix(8))"
        let child = try begin(words, to: name)
        let status = child.wait(atMost: .seconds(90))
        if status == nil { _ = child.stop(SIGKILL) }
        let (output, errors) = said(name)
        for end in ["out", "err"] { unlink("\(directory)/\(name).\(end)") }
        guard case .exited(let code)? = status else {
            throw HostError(description: "lyceum \(words): \(status.map { "\($0)" } ?? "takes too long")")
        }
        return Answer(code: code, output: output, errors: errors)
    }

    /// Runs `lyceum`, which must succeed.
    @discardableResult
    func done(_ words: String...) throws -> Answer {
        let name = words.joined(separator: " ")
        let answer: Answer
        switch words.count {
        case 1: answer = try self(words[0])
        case 2: answer = try self(words[0], words[1])
        default: answer = try self(words[0], words[1], words[2], words[3])
        }
        try #require(answer.code == 0, "lyceum \(name): \(answer)\n\(log)")
        return answer
    }

    /// Starts `lyceum serve` and nginx, and waits until they answer.
    func start(_ more: [String] = []) async throws {
        let serve = try begin(["serve", "--socket", directory + "/web.sock"] + more, to: "serve")
        self.serve = serve
        try await waitUntil("a generation serves", within: 60) {
            try #require(serve.status() == nil, "\(self.log)")
            return FileManager.default.fileExists(atPath: self.directory + "/state/run/generation")
        }
        if server == nil {
            server = try await LiveServer(socket: directory + "/web.sock", directory: directory + "/nginx")
        }
    }

    /// Stops `lyceum serve` as an operator does, or as a power cut does.
    func stop(_ signal: Int32 = SIGTERM) {
        _ = serve?.stop(signal, within: .seconds(30))
        serve = nil
    }

    /// What `lyceum serve` has logged.
    var log: String { said("serve").errors }

    var port: UInt16 { server?.port ?? 0 }
    var client: LiveClient { LiveClient(port: port, region: "school") }

    /// What all workers say when they are asked many times, each once.
    func everywhere<Value: Hashable>(_ ask: (TestResponse) throws -> Value, at path: String = "/api/lending")
        async throws
        -> Set<Value>
    {
        var answers: Set<Value> = []
        for _ in 0..<12 { answers.insert(try ask(try await client.get(path))) }
        return answers
    }

    /// The versions of the plugin that answer.
    func versions() async throws -> Set<String> {
        try await everywhere { $0.json("version") as? String ?? "\($0.status)" }
    }

    /// The statuses with which an address answers.
    func statuses(_ path: String) async throws -> Set<Int> { try await everywhere({ $0.status }, at: path) }

    /// Borrows a thing.
    func lend(_ item: String) async throws -> TestResponse {
        try await client.send("POST", "/api/lending/loans", json: #"{"item": "\#(item)"}"#)
    }

    /// The number of the generation that serves.
    var generation: Int {
        let text = try? String(contentsOfFile: directory + "/state/run/generation", encoding: .utf8)
        return Int(text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "") ?? 0
    }
}

/// Why a command has no answer.
struct HostError: Error, CustomStringConvertible {
    let description: String
}

/// A region's database, for the hosts of a test.
struct Database {
    /// What lyceum.yaml says.
    let text: String
    private let name: String
    private let cluster: Cluster

    init() throws {
        cluster = try TestCluster.shared()
        name = "generations_\(UInt32.random(in: 0...0xFFFF_FFFF))"
        try cluster.createDatabase(name)
        text = cluster.conninfo(database: name)
    }

    func connect() throws -> Connection { try Connection(cluster.conninfo(database: name)) }

    /// The connections that others have to it.
    func connections(_ connection: Connection) throws -> Int {
        try connection.number(
            """
            select count(*) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
            """)
    }
}

extension Connection {
    /// The number that a statement selects.
    func number(_ statement: Statement) throws -> Int {
        var row = try query(statement).row(0)
        return try row.next()
    }
}

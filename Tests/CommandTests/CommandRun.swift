import Foundation
import Kernel
import Testing

/// A configuration and a state of a test's own, in a temporary directory that goes with it, and `lyceum` run on them.
final class CommandRun {
    /// What a run of `lyceum` said.
    struct Answer {
        let code: Int32
        let output: String
        let errors: String
    }

    let directory: URL
    var environment: [String: String]

    init() throws {
        directory = URL(filePath: "/tmp/lyc-" + UUID().uuidString.prefix(8))
        try FileManager.default.createDirectory(
            at: directory.appending(path: "Config/regions"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LYCEUM_") }
        environment["LYCEUM_CONFIG"] = "Config"
        environment["LYCEUM_STATE"] = "state"
        try write("lyceum.yaml", "development: true\n")
        try region("academy", "  accounts:\n  courses:\n")
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// Writes a file of the configuration.
    func write(_ name: String, _ text: String) throws {
        try text.write(to: directory.appending(path: "Config/" + name), atomically: true, encoding: .utf8)
    }

    /// Writes a region with these plugins.
    func region(_ name: String, _ plugins: String) throws {
        try write(
            "regions/\(name).yaml", "title: \(name)\ncurrency: EUR\ntimeZone: Europe/Berlin\nplugins:\n\(plugins)")
    }

    /// Where the products of this build lie.
    static var products: URL {
        var url = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        while url.path.count > 1, !FileManager.default.fileExists(atPath: url.appending(path: "lyceum").path) {
            url.deleteLastPathComponent()
        }
        return url
    }

    /// Runs `lyceum`, at most a minute.
    func callAsFunction(_ arguments: String...) throws -> Answer { try run(arguments) }

    /// The private cluster of the state directory.
    func cluster() throws -> Cluster {
        var options = Cluster.Options()
        if geteuid() == 0 { options.user = ["lyceum", "postgres", "nobody"].first { getpwnam($0) != nil } }
        return try Cluster(
            directory.path + "/state/postgres", socketDirectory: directory.path + "/state/run/postgres", options)
    }

    /// Runs `lyceum`, at most a minute; its output is in the answer unless it goes elsewhere.
    func run(_ arguments: [String], to file: String? = nil) throws -> Answer {
        let process = Process()
        process.executableURL = CommandRun.products.appending(path: "lyceum")
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = directory
        let files = try ["out", "err"].map { name -> FileHandle in
            let path = directory.appending(path: name).path
            try Data().write(to: URL(filePath: path))
            return try #require(FileHandle(forWritingAtPath: path))
        }
        let elsewhere = try file.map { try #require(FileHandle(forWritingAtPath: $0)) }
        (process.standardOutput, process.standardError) = (elsewhere ?? files[0], files[1])
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let limit = Task.detached {
            try await Task.sleep(for: .seconds(60))
            process.terminate()
        }
        process.waitUntilExit()
        limit.cancel()
        func text(_ name: String) throws -> String {
            try String(contentsOf: directory.appending(path: name), encoding: .utf8)
        }
        return Answer(code: process.terminationStatus, output: try text("out"), errors: try text("err"))
    }
}

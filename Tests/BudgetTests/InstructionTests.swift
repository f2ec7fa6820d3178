import Bench
import Foundation
import Glibc
import Kernel
import LyceumTesting
import Testing

/// A worker under callgrind, answering replayed requests.
///
/// Instructions are counted, not seconds: the same binary and input give the same number on a busy machine.
private struct Callgrind {
    let directory: String
    let generation: String

    init() async throws {
        var limits = Generation.Limits()
        limits.threads = 1
        limits.connections = 1
        let world = try await TestInstallation(regions: ["bench"], plugins: [BenchPlugin.self], limits: limits)
        generation = try world.writeGeneration()
        directory = generation + "-budget"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let source = Callgrind.source("Tests/Serving/replay.c")
        let built = try Child.run("cc", ["-O2", "-o", directory + "/replay", source])
        try #require(built.status == .exited(0), "\(built.complaint)")
    }

    private static func source(_ path: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(path).path
    }

    /// The optimised worker: budgets are for what operators run.
    private static var worker: String {
        TestPrograms.path("TestWorker").replacing("/debug/", with: "/release/")
    }

    /// All instructions of a worker's life in which it answers so many requests.
    private func instructions(_ path: String, requests: Int) throws -> Int {
        try #require(
            FileManager.default.isExecutableFile(atPath: Callgrind.worker),
            "build it first: swift build -c release --product TestWorker")
        let socketPath = directory + "/s"
        unlink(socketPath)
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(listener, 16) == 0)
        let own = ProcessInfo.processInfo.environment.filter { ProcessSpec.tuning[$0.key] == nil }
        let environment = own.merging(ProcessSpec.tuning) { $1 }.map { "\($0.key)=\($0.value)" }
        let worker = try Child(
            "valgrind",
            [
                "--tool=callgrind", "--callgrind-out-file=\(directory)/out", "--log-file=\(directory)/log",
                Callgrind.worker, "--generation", generation, "--slot", "0",
            ], environment: environment, descriptors: [0: listener])
        let replayed = try Child.run(
            directory + "/replay", [socketPath, String(requests), path, "LYCEUM_REGION=bench"])
        let end = worker.stop(SIGINT, within: .seconds(60))
        try #require(replayed.status == .exited(0), "\(replayed.complaint)")
        try #require(end == .exited(0))
        let log = try String(contentsOfFile: directory + "/log", encoding: .utf8)
        let line = try #require(log.split(separator: "\n").first { $0.contains("Collected :") })
        return try #require(line.split(separator: " ").last.flatMap { Int($0) })
    }

    /// Instructions for one request: the difference of two lives, so that starting does not count.
    func perRequest(_ path: String) throws -> Int {
        let few = try instructions(path, requests: 100)
        let many = try instructions(path, requests: 600)
        return (many - few) / 500
    }
}

@Suite("What a request costs, with routing, access check and metrics", .serialized)
struct InstructionTests {
    @Test(
        "stays within its budget of instructions",
        arguments: [
            ("/api/bench/hello", 20_000), ("/api/bench/items/7", 36_000), ("/api/bench/items", 130_000),
        ])
    func budget(_ path: String, _ most: Int) async throws {
        // A request that has to wait for its turn costs some more, which a busy machine makes happen: the least counts.
        var count = Int.max
        for _ in 0..<4 where count > most { count = min(count, try await Callgrind().perRequest(path)) }
        print("\(path): \(count) instructions of \(most)")
        #expect(count <= most)
    }
}

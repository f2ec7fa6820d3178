import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

/// Regions with a plugin that does harm, served by real processes behind a real nginx, with short limits.
struct HazardWorld {
    let world: TestInstallation
    let live: LiveInstallation

    init(
        regions: [String] = ["calm", "wild"], webProcesses: Int = 2, stopDeadline: Duration? = nil,
        _ change: (inout Generation.Limits) -> Void = { _ in }
    ) async throws {
        var limits = Generation.Limits()
        limits.statementMilliseconds = 1_000
        limits.requestMilliseconds = 1_500
        limits.hookMilliseconds = 400
        limits.listenerMilliseconds = 1_500
        limits.graceMilliseconds = 2_500
        change(&limits)
        world = try await TestInstallation(regions: regions, plugins: [HazardPlugin.self], limits: limits)
        live = try await LiveInstallation(world, webProcesses: webProcesses, stopDeadline: stopDeadline)
    }

    func client(_ region: String = "wild") -> LiveClient { live.client(region: region) }

    func number(_ statement: Statement, region: String = "wild") throws -> Int {
        var row = try world.connection(region: region).query(statement).row(0)
        return try row.next()
    }

    /// Waits for a line of a process or of the supervisor that has all these words, and answers it.
    func line(_ words: String...) async throws -> String {
        var found: String?
        try await waitUntil("a line with \(words)", within: 60) {
            let lines = live.errors.split(separator: "\n").map(String.init) + live.lines
            found = lines.first { line in words.allSatisfy { line.contains($0) } }
            return found != nil
        }
        return found ?? ""
    }
}

extension TestResponse {
    /// The stable code of a problem.
    var code: String? { json("code") as? String }
    /// What a problem says to people.
    var detail: String { json("detail") as? String ?? "" }
}

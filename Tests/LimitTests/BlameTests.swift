import Foundation
import Glibc
import Kernel
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

@Suite("Who is to blame for a process that died")
struct BlameTests {
    /// How a process that has ended calls itself where it holds a lane.
    private func token(of process: Int32) throws -> String {
        let boot = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        var status = stat()
        try #require(stat("/proc/self/ns/pid", &status) == 0)
        return "\(boot.trimmingCharacters(in: .whitespacesAndNewlines))/\(status.st_ino)/\(process)/1"
    }

    @Test("a lane that a process held long before the last one died is not held against its listener")
    func innocent() async throws {
        let world = try await TestInstallation(regions: ["wild"], plugins: [HazardPlugin.self])
        let database = try world.connection()
        let dead = try Child("/bin/true")
        #expect(dead.wait() == .exited(0))
        try database.run(
            "update lyceum.cursor set holder = \(try token(of: dead.id)), held_until = now() + interval '1 hour'")
        // The last one died over something else, before it came to these lanes.
        let culprit = "was killed by signal 4\tlistener\twild\thazard\thazard.harm"
        let notices = "1\t\(culprit)\n\(dead.id)\t\(culprit)"
        let own = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        let process = try Child(
            TestPrograms.path("TestWorker"), ["--generation", try world.writeGeneration(), "--delivery"],
            environment: own + ["SWIFT_BACKTRACE=enable=no", "LYCEUM_DEATH_NOTICE=\(notices)"])
        defer { #expect(process.stop(SIGTERM, within: .seconds(30)) == .exited(0)) }
        func number(_ statement: Statement) throws -> Int {
            var row = try database.query(statement).row(0)
            return try row.next()
        }
        try await waitUntil("the lanes are free again") {
            try number("select count(*) from lyceum.cursor where holder = \(try token(of: dead.id))") == 0
        }
        #expect(try number("select count(*) from lyceum.listener where name = 'hazard.harm' and history & 1 = 1") == 1)
        #expect(try number("select count(*) from lyceum.listener where name <> 'hazard.harm' and history <> 0") == 0)
    }
}

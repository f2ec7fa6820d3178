import Foundation
import Glibc
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("The sealer, whatever dies", .serialized)
struct SealerKillTests {
    @Test("killed again and again while changes come, it resumes: all is sealed once, and the file has every head")
    func kills() async throws {
        let world = try await AuditWorld()
        let directory = try world.world.writeGeneration()
        let heads = AuditHeads(directory: AuditHeads.directory(generation: directory), region: "test")
        let own = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" } + ["SWIFT_BACKTRACE=enable=no"]
        defer { try? FileManager.default.removeItem(atPath: AuditHeads.directory(generation: directory)) }
        let installation = world.world
        let writer = Task {
            let connection = try installation.connection()
            for number in 0..<3_000 where !Task.isCancelled {
                try connection.run(
                    "insert into courses.category (id, name, slug) values (gen_random_uuid(), 'N', \("k-\(number)"))")
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        defer { writer.cancel() }
        func seals() throws -> Int { try world.number("select count(*)::int from lyceum.audit_seal") }
        for round in 0..<8 {
            let before = try seals()
            let process = try Child(
                TestPrograms.path("TestWorker"), ["--generation", directory, "--delivery"], environment: own)
            defer { process.kill(SIGKILL) }
            if round % 2 == 0 {
                try await waitUntil("a seal") { try seals() > before }
            } else {
                try await waitUntil("it to be at work") {
                    try world.number(
                        "select count(*)::int from pg_stat_activity where query like '%audit_%' and pid <> pg_backend_pid()"
                    ) > 0
                }
            }
            usleep(UInt32.random(in: 0..<30_000))
            process.kill(SIGKILL)
            #expect(process.wait() == .signalled(SIGKILL))
        }
        writer.cancel()
        _ = await writer.result
        let last = try Child(
            TestPrograms.path("TestWorker"), ["--generation", directory, "--delivery"], environment: own)
        defer { last.kill(SIGKILL) }
        let books = AuditBooks(world.plan, try world.world.connection())
        try await waitUntil("all to be sealed, and every head to be in the file") {
            let result = try books.verify(heads: heads)
            return result.unsealed == 0 && result.compared == result.seals
        }
        let end = last.stop(SIGTERM, within: .seconds(30))
        #expect(end == .exited(0) || end == .signalled(SIGTERM))
        let result = try books.verify(heads: heads)
        #expect(result.problems == [])
        #expect(result.entries == Int64(try world.number("select count(*)::int from lyceum.audit_entry")))
    }
}

import Foundation
import Glibc
import Kernel
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

@Suite("Hosts wake each other", .serialized)
struct HostsTests {
    @Test("what is published on one host is delivered by another at once, not at its next look")
    func notified() async throws {
        let world = try await DeliveryWorld(plugins: [RecorderPlugin.self, StormPlugin.self]) { $0.deliveries = 1 }
        func generation(_ plugin: String) -> Generation {
            var generation = world.world.generation
            generation.regions[0].plugins.removeAll { $0.id != plugin }
            return generation
        }
        // The one that is told by its web processes does not have the listener; the other one is told by nobody but it.
        var pipe: [Int32] = [-1, -1]
        #expect(Glibc.pipe(&pipe) == 0)
        defer { for end in pipe { close(end) } }
        let told = try world.start([], generation: generation("storm"), descriptors: [6: pipe[0]])
        defer { #expect(told.stop(SIGTERM, within: .seconds(30)) == .exited(0)) }
        let other = try world.start([], generation: generation("recorder"))
        defer { #expect(other.stop(SIGTERM, within: .seconds(30)) == .exited(0)) }
        try await world.wait("both listen") {
            try world.number(
                """
                select count(*) from pg_stat_activity
                where datname = current_database() and application_name = 'lyceum delivery'
                """) == 2
        }
        // Within two seconds each counts the others.
        try await Task.sleep(for: .seconds(3))
        // Without awaiting anything: how soon this test is given a thread must not matter.
        for number in 1...7 {
            try world.database.run(
                """
                select lyceum.publish(array['recorder.number.sent'], array[1], array['a'], array[0::smallint],
                    array[json_build_object('key', 'a', 'number', \(number)::int)::text], null, null)
                """)
            var word = Self.word("test")
            #expect(write(pipe[1], &word, 2) == 2)
            let late = Date().addingTimeInterval(60)
            while try world.number("select count(*) from recorder.seen") < number, Date() < late { usleep(3_000) }
            // By itself it would look again a second after this.
            usleep(50_000)
        }
        let took = try world.number(
            """
            select percentile_disc(0.5) within group (order by extract(epoch from seen.at - event.at) * 1000)::int
            from recorder.seen join lyceum.event on (payload ->> 'number')::int = number
            """)
        #expect(took < 500, "half of them took more than \(took) ms")
    }

    /// By which the web processes of a host say that a region has news: FNV-1a, folded.
    private static func word(_ region: String) -> UInt16 {
        var hash: UInt32 = 0x811C_9DC5
        for byte in region.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return UInt16(truncatingIfNeeded: hash ^ (hash >> 16))
    }
}

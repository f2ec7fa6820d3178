import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

@Suite("A batch of slow events holds up nobody")
struct StopTests {
    @Test("a process that is to end commits as far as it has come; the next goes on behind that")
    func stop() async throws {
        let world = try await DeliveryWorld()
        try world.sleep("before", milliseconds: 200)
        #expect(try await world.send("a", 1...1_000) == 204)
        var begun = ContinuousClock.now
        try await world.delivering {
            try await world.wait("a batch at work") { try world.isDozing() }
            try await Task.sleep(for: .milliseconds(700))
            begun = .now
        }
        #expect(begun.duration(to: .now) < .seconds(5))
        let seen = try world.number("select count(*) from recorder.seen")
        #expect((1..<1_000).contains(seen))
        #expect(try world.number("select count(*) from lyceum.retry") == 0)
        #expect(try world.number("select count(*) from lyceum.cursor where holder is not null or batch") == 0)
        try world.sleep("", milliseconds: 0)
        try await world.delivering {
            try await world.wait("the rest") { try world.number("select count(*) from recorder.seen") == 1_000 }
        }
        #expect(try world.complaints() == [])
    }

    @Test("a batch is committed every few seconds")
    func bound() async throws {
        let world = try await DeliveryWorld()
        try world.sleep("before", milliseconds: 200)
        #expect(try await world.send("a", 1...1_000) == 204)
        try await world.delivering {
            try await world.wait("a part of it", seconds: 10) {
                try world.number("select count(*) from recorder.seen") > 0
            }
            #expect(try world.number("select count(*) from recorder.seen") < 1_000)
            try world.sleep("", milliseconds: 0)
            try await world.wait("the rest") { try world.number("select count(*) from recorder.seen") == 1_000 }
        }
        #expect(try world.complaints() == [])
    }

    @Test("what another host's process left is taken over, and blamed on nobody: it may only be slow")
    func otherHost() async throws {
        let world = try await DeliveryWorld { $0.listenerDeaths = 1 }
        #expect(try await world.send("a", 1...3) == 204)
        try world.database.script(
            "update lyceum.cursor set holder = 'other-boot/1/2/3', held_until = now() - interval '1 second', batch = true"
        )
        try await world.delivering {
            try await world.wait("all") { try world.number("select count(*) from recorder.seen") == 3 }
        }
        #expect(try world.number("select count(*) from lyceum.listener") == 0)
        #expect(try world.complaints() == [])
    }

    @Test(
        "of several processes that died, each is remembered: a listener is not blamed for what another one did before")
    func notices() async throws {
        let world = try await DeliveryWorld { $0.listenerDeaths = 1 }
        try world.sleep("before", milliseconds: 300)
        #expect(try await world.send("a", 1...1_000) == 204)
        let process = try await world.killing { try await world.wait("a batch at work") { try world.isDozing() } }
        try world.sleep("", milliseconds: 0)
        // As the supervisor says it: the one after that died at once.
        let notice = """
            1\twas killed by signal 4\tlistener\ttest\tother\tother.listener
            \(process)\twas killed by signal 4\tlistener\ttest\tother\tother.listener
            """
        try await world.delivering(["LYCEUM_DEATH_NOTICE=\(notice)"]) {
            try await world.wait("all") { try world.number("select count(*) from recorder.seen") == 1_000 }
        }
        #expect(try world.number("select count(*) from lyceum.listener where quarantined_at is not null") == 0)
    }
}

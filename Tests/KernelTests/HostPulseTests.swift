import Kernel
import Testing

@Suite("When a host takes up what was decided")
struct HostPulseTests {
    private var pulse = HostPulse(host: "own")
    private var situation: HostPulse.Situation

    init() {
        situation = HostPulse.Situation()
        situation.served = HostPulse.Served(revision: 3, plugins: "courses 1.0.0", digest: "d")
        situation.taken = 3
    }

    private mutating func look(_ revision: Int, by host: String? = "other", at seconds: Double) -> HostPulse.Action {
        pulse.look(HostPulse.Wanted(revision: revision, host: host), situation, at: .seconds(seconds))
    }

    @Test("it says what it serves at once, then every five seconds, and when that changes")
    mutating func beats() {
        #expect(look(3, at: 0).row?.served == situation.served)
        let quiet = look(3, at: 1)
        #expect(quiet.row == nil && !quiet.reloads)
        #expect(look(3, at: 5).row?.served.revision == 3)
        situation.served.revision = 4
        situation.taken = 4
        #expect(look(4, at: 6).row?.served.revision == 4)
        // On a new connection, what was written may be lost.
        pulse.lost()
        #expect(look(4, at: 6.1).row != nil)
    }

    @Test(
        "it asks once for what others decided, not while a generation is being made, and once more for what comes next")
    mutating func asks() {
        _ = look(3, at: 0)
        situation.isBusy = true
        #expect(!look(4, at: 1).reloads)
        situation.isBusy = false
        #expect(look(4, at: 2).reloads)
        #expect(!look(4, at: 3).reloads)
        #expect(look(5, at: 4).reloads)
        situation.taken = 5
        #expect(!look(5, at: 5).reloads)
    }

    @Test("it leaves what its own host decided to the command, for five seconds")
    mutating func courtesy() {
        #expect(!look(4, by: "own", at: 0).reloads)
        #expect(!look(4, by: "own", at: 4).reloads)
        #expect(look(4, by: "own", at: 5).reloads)
    }

    @Test("it says what it could not take up and why, tries again after a minute, and at once with the next decision")
    mutating func refuses() {
        #expect(look(4, at: 0).reloads)
        situation.refusals = 1
        situation.reason = "no such library"
        let told = look(4, at: 1)
        #expect(told.row?.refused == 4 && told.row?.reason == "no such library")
        #expect(!told.reloads)
        #expect(!look(4, at: 60).reloads)
        #expect(look(4, at: 61).reloads)
        #expect(look(5, at: 62).reloads)
        situation.taken = 5
        situation.served.revision = 5
        situation.reason = nil
        let done = look(5, at: 63)
        #expect(done.row?.refused == nil && done.row?.served.revision == 5)
    }

    @Test("a generation of its own that was refused is told as well, and not asked for again at once")
    mutating func ownRefusal() {
        #expect(!look(4, by: "own", at: 0).reloads)
        situation.refusals = 1
        situation.reason = "no such library"
        #expect(look(4, by: "own", at: 1).row?.refused == 4)
        #expect(!look(4, by: "own", at: 10).reloads)
        #expect(look(4, by: "own", at: 61).reloads)
    }

    @Test("of a database that was restored it takes up the older decisions, which are right then")
    mutating func restored() {
        #expect(look(2, at: 0).reloads)
    }
}

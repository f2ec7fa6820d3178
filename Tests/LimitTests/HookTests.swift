import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

@Suite("How long hooks may take", .serialized)
struct HookTests {
    @Test("a required guard past its time refuses, and says which limit, hook and plugin that was")
    func required() async throws {
        let world = try await HazardWorld()
        let answer = try await world.client().send("POST", "/api/hazard/guarded/required-sleep", json: "{}")
        #expect(answer.status == 503)
        #expect(answer.code == "hook_timeout")
        #expect(answer.detail.contains("400 ms (limits.hookMilliseconds)"))
        _ = try await world.line(
            "the guard of hazard on hazard.required took longer than the 400 ms of limits.hookMilliseconds")
        #expect(try world.number("select count(*) from hazard.note") == 0)
        // One in time refuses nothing.
        #expect(try await world.client().send("POST", "/api/hazard/guarded/required-nap", json: "{}").status == 200)
    }

    @Test("a point may have a deadline of its own")
    func brief() async throws {
        let world = try await HazardWorld()
        let answer = try await world.client().send("POST", "/api/hazard/guarded/brief-nap", json: "{}")
        #expect(answer.code == "hook_timeout")
        #expect(answer.detail.contains("50 ms (hazard.brief)"))
    }

    @Test("a skippable guard past its time is undone and skipped, and the transaction goes on")
    func skippable() async throws {
        let world = try await HazardWorld()
        for _ in 0..<3 {
            let answer = try await world.client().send("POST", "/api/hazard/guarded/skippable-sleep", json: "{}")
            #expect(answer.status == 200)
        }
        let failed = try await world.client().send("POST", "/api/hazard/guarded/skippable-fail", json: "{}")
        #expect(failed.status == 200)
        #expect(try world.number("select count(*) from hazard.note where text = 'skippable-sleep'") == 3)
        _ = try await world.line(
            "the guard of hazard on hazard.skippable failed and was skipped",
            "took longer than the 400 ms of limits.hookMilliseconds")
        #expect(try await world.live.indexClient().get("/metrics").reached("wild", "hookMilliseconds") == 3)
    }

    @Test("a collector past its time adds nothing")
    func collector() async throws {
        let world = try await HazardWorld()
        let quick = try await world.client().send("POST", "/api/hazard/guarded/lines-none", json: "{}")
        #expect(quick.json("did") as? String == "collected")
        let slow = try await world.client().send("POST", "/api/hazard/guarded/lines-sleep", json: "{}")
        #expect(slow.json("did") as? String == "")
        _ = try await world.line(
            "the collector of hazard on hazard.lines failed and was skipped", "limits.hookMilliseconds")
    }

    @Test("a part of a page's slot past its time is left out, and the page is there")
    func slot() async throws {
        let world = try await HazardWorld()
        let quick = try await world.client().get("/hazard/slots/quick")
        #expect(quick.text.contains("[<i>quick</i>]"))
        let slow = try await world.client().get("/hazard/slots/sleep")
        #expect(slow.status == 200 && slow.text.contains("[]"), "\(slow.text)")
        _ = try await world.line(
            "the collector of hazard on hazard.aside failed and was skipped", "300 ms of hazard.aside")
    }

    @Test("a guard that never comes back ends its process, and is named")
    func loop() async throws {
        let world = try await HazardWorld()
        #expect(try await world.client().send("POST", "/api/hazard/guarded/skippable-loop", json: "{}").status == 503)
        _ = try await world.line("web process", "it asked the guard on hazard.skippable of the plugin hazard")
    }
}

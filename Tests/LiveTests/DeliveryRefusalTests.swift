import Kernel
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

extension Live {
    @Suite("A generation whose delivery process does not start")
    struct DeliveryRefusalTests {
        @Test("is refused with what that process said; the one before answers and delivers on")
        func refused() async throws {
            let world = try await TestInstallation(plugins: [RecorderPlugin.self])
            let live = try await LiveInstallation(world) { number, usual in
                number == 2 ? ProcessSpec("/bin/sh", ["-c", "echo 'there is nobody to deliver' >&5; exit 78"]) : usual
            }
            let database = try world.connection()
            func seen(_ key: String) throws -> Int {
                var row = try database.query("select count(*) from recorder.seen where key = \(key)").row(0)
                return try row.next()
            }
            func deliver(_ key: String) async throws {
                let answer = try await live.client().send(
                    "POST", "/api/recorder/numbers", json: #"{"key": "\#(key)", "numbers": [1, 2, 3]}"#)
                #expect(answer.status == 204)
                try await waitUntil("what was sent is delivered") { try seen(key) == 3 }
            }

            try await deliver("before")
            let (before, count) = (Set(live.servingProcesses), live.processes.count)
            let error = await #expect(throws: LiveInstallationError.self) { try await live.reload() }
            #expect(error?.description.contains("there is nobody to deliver") == true, "\(error?.description ?? "")")
            #expect(live.generation == 1)
            try await deliver("after")
            #expect(Set(live.servingProcesses) == before)
            try await waitUntil("no process of the refused one is left") {
                Set(live.webProcesses) == before && live.processes.count == count
            }
            // The next one takes over as if nothing had been.
            try await live.reload()
            try await deliver("later")
            for key in ["before", "after", "later"] { #expect(try seen(key) == 3) }
        }
    }
}

import Foundation
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

extension Live {
    @Suite("Delivery is woken by whoever publishes")
    struct WakeTests {
        @Test("an event reaches its listener long before anybody would look by himself")
        func wake() async throws {
            let world = try await TestInstallation(plugins: [RecorderPlugin.self])
            let live = try await LiveInstallation(world)
            let client = live.client()
            let database = try world.connection()
            for number in 1...40 {
                let body = #"{"key": "wake", "numbers": [\#(number)]}"#
                #expect(try await client.send("POST", "/api/recorder/numbers", json: body).status == 204)
                try await Task.sleep(for: .milliseconds(25))
            }
            try await waitUntil("all have been delivered") {
                try database.number("select count(*) from recorder.seen") == 40
            }
            // The median, in milliseconds, from an event's publication to the listener's work.
            let median = try database.number(
                """
                select (percentile_cont(0.5) within group (order by extract(epoch from seen.at - event.at)) * 1000)::bigint
                from recorder.seen join lyceum.event on (event.payload ->> 'number')::bigint = seen.number
                """)
            print("woken within \(median) ms, by the median")
            #expect(median < 100)
        }
    }
}

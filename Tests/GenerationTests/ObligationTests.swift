import Foundation
import Glibc
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

extension Generations {
    @Suite("A plugin that owes something is not disabled")
    struct Obligations {
        @Test("it is refused with the list, drains on demand, can be called back, and is disabled when nothing is owed")
        func drain() async throws {
            let database = try Database()
            let host = try Host(database: database.text, workers: 1)
            try host.done("migrate")
            try await host.start()
            for item in ["atlas", "ball", "chair"] { #expect(try await host.lend(item).status == 204) }

            let refused = try host("disable", "lending", "--region", "school")
            #expect(refused.code == 1)
            #expect(refused.errors.contains("3 loans of things that are not back yet: atlas, ball, …"), "\(refused)")
            #expect(refused.errors.contains("lyceum disable lending --region school --drain"), "\(refused)")
            let plan = try host("plan", "--region", "school", "--disable", "lending")
            #expect(
                plan.output.contains(
                    "  ! lending still owes 3 loans of things that are not back yet: atlas, ball, …\n"),
                "\(plan)")
            #expect(try await host.versions() == ["1.0.0"])

            // Its absence from the region's file would disable it too.
            try host.write(
                "regions/school.yaml", try host.regionFile().replacing("  lending:\n    desk: front\n", with: ""))
            let removed = try host("reload")
            #expect(removed.code == 1)
            #expect(
                removed.errors.contains("its file does not list lending any more, which still owes 3 loans"),
                "\(removed)")
            #expect(try await host.versions() == ["1.0.0"])
            try host.region()

            func drain(_ name: String) async throws -> Child {
                let child = try host.begin(["disable", "lending", "--region", "school", "--drain"], to: name)
                try await waitUntil("it waits", within: 60) {
                    try #require(child.status() == nil, "\(host.said(name))")
                    return host.said(name).output.contains("still owed: 3 loans of things that are not back yet")
                }
                return child
            }
            func isDraining() async throws -> Set<Bool?> {
                try await host.everywhere { $0.json("isDraining") as? Bool }
            }

            // Interrupted, it stays as it is.
            let first = try await drain("first")
            #expect(first.stop(SIGINT) == .signalled(SIGINT))
            #expect(try await isDraining() == [true])
            let refusal = try await host.lend("desk")
            #expect(refusal.status == 409)
            #expect(refusal.json("code") as? String == "draining")
            #expect(try host.done("regions").output.contains("lending (draining)"))
            #expect(try host("disable", "lending", "--region", "school").errors.contains("3 loans"))

            // Called back, it lends again.
            let second = try await drain("second")
            try host.done("enable", "lending", "--region", "school")
            #expect(second.wait(atMost: .seconds(60)) == .exited(1))
            #expect(host.said("second").errors.contains("lending was called back in school meanwhile"))
            #expect(try await isDraining() == [false])
            #expect(try await host.lend("desk").status == 204)
            #expect(try await host.client.send("POST", "/api/lending/returns", json: "").status == 204)

            // Nothing is owed any more when it is asked for; something is promised while the old processes still serve.
            #expect(try await host.client.send("POST", "/api/lending/returns", json: "").status == 204)
            let connection = try database.connect()
            func promise(_ item: String, during name: String) async throws {
                try await waitUntil("the decision is made", within: 60) {
                    try connection.number(
                        "select count(*) from lyceum.plugin where id = 'lending' and state is not null") == 1
                }
                #expect(try await host.lend(item).status == 204, "\(host.said(name))")
            }
            let late = try host.begin(["disable", "lending", "--region", "school"], to: "late")
            try await promise("easel", during: "late")
            #expect(late.wait(atMost: .seconds(60)) == .exited(1))
            #expect(host.said("late").errors.contains("1 loans of things that are not back yet: easel"))
            #expect(host.said("late").output.contains("lending is enabled in school as before"))
            #expect(try await isDraining() == [false])
            #expect(try await host.client.send("POST", "/api/lending/returns", json: "").status == 204)
            let later = try host.begin(["disable", "lending", "--region", "school", "--drain"], to: "later")
            try await promise("flute", during: "later")
            try await waitUntil("it waits", within: 60) {
                try #require(later.status() == nil, "\(host.said("later"))")
                return host.said("later").output.contains("still owed: 1 loans of things that are not back yet: flute")
            }
            try host.done("enable", "lending", "--region", "school")
            #expect(later.wait(atMost: .seconds(60)) == .exited(1))
            #expect(try await host.client.send("POST", "/api/lending/returns", json: "").status == 204)
            for item in ["atlas", "ball", "chair"] { #expect(try await host.lend(item).status == 204) }

            // It keeps what it promised, and goes once nothing is left.
            let last = try await drain("last")
            #expect(try await host.client.send("POST", "/api/lending/returns", json: "").status == 204)
            #expect(last.wait(atMost: .seconds(60)) == .exited(0))
            #expect(host.said("last").output.contains("lending is disabled in school; its data stays"))
            #expect(try await host.statuses("/api/lending") == [404])
        }
    }
}

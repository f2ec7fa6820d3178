import Foundation
import Glibc
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

extension Generations {
    @Suite("After a rollback commands are about what serves")
    struct TakenBack {
        @Test("a plugin that was disabled and serves again keeps its listener and its promises, and can be disabled")
        func disabled() async throws {
            let database = try Database()
            let host = try Host(database: database.text, workers: 1)
            try host.done("migrate")
            try await host.start()
            try host.done("disable", "lending", "--region", "school")
            #expect(try await host.statuses("/api/lending") == [404])
            // The second generation asked it to make no promises, the third is without it: a step back is one before both.
            let list = try host.done("generations").output
            for line in ["1 ", "2 ", "3 "] { #expect(list.contains("\n" + line), "\(list)") }
            #expect(list.contains("previous") && list.contains("lyceum disable lending --region school ("), "\(list)")
            let kept = try JSONSerialization.jsonObject(with: Data(host.done("generations", "--json").output.utf8))
            let states = (kept as? [[String: Any]])?.map { $0["state"] as? String }
            #expect(states == ["previous", "served", "serving"], "\(kept)")
            #expect((kept as? [[String: Any]])?[0]["cause"] as? String == "start")
            let planned = try host.done("plan", "--rollback")
            #expect(planned.errors.contains("would make generation 1 serve again\n"), "\(planned)")
            #expect(planned.output.contains("  + plugin lending is new: 1.0.0\n"), "\(planned)")
            #expect(!planned.output.contains("draining"), "\(planned)")
            try host.done("rollback")
            #expect(try await host.versions() == ["1.0.0"])

            for words in ["regions", "plugins"] {
                let answer = try host.done(words)
                #expect(answer.output.contains("lending"), "\(answer)")
                #expect(
                    answer.errors.contains("which is 1 again")
                        && answer.errors.contains("  school: lending serves until then, although it was disabled\n"),
                    "\(answer)")
            }
            #expect(try host.done("routes").output.contains("/api/lending/loans"))
            #expect(try host.done("jobs", "list", "--region", "school").output.contains("lending.remind  0 3 * * *"))
            let places = try host.done("deliveries", "list")
            #expect(
                places.output.contains("lending.write-down") && !places.output.contains("no enabled plugin"),
                "\(places)")
            let careless = try host("deliveries", "forget", "--region", "school", "lending.write-down")
            #expect(careless.code == 64 && careless.errors.contains("add --yes"), "\(careless)")
            let forget = try host("deliveries", "forget", "--region", "school", "lending.write-down", "--yes")
            #expect(forget.code == 1 && forget.errors.contains("belongs to an enabled plugin"), "\(forget)")

            #expect(host.log.contains("generation 4, which is 1 again, serves: 1 web process"), "\(host.log)")

            // What it promises now is asked about, whichever way it would go.
            #expect(try await host.lend("atlas").status == 204)
            for plan in [try host("plan"), try host("plan", "--rollback", "--to=3")] {
                #expect(
                    plan.output.contains("  ! lending still owes 1 loans of things that are not back yet: atlas\n"),
                    "\(plan)")
            }
            let json = try host("plan", "--region", "school", "--json")
            #expect(json.output.contains(#""kind" : "obligation""#) && json.output.contains(#""change" : "!""#))
            for (words, why) in [
                (
                    ["reload", "--here"],
                    "lending serves since the rollback although it was disabled, and still owes 1 loans"
                ),
                (["rollback", "--to=3"], "generation 3 is without lending, which still owes 1 loans"),
            ] {
                let answer = try host(words[0], words[1])
                #expect(answer.code == 1 && answer.errors.contains("region school: \(why)"), "\(answer)")
                #expect(!answer.errors.contains("lyceum: region"), "\(answer)")
            }
            let refused = try host("disable", "lending", "--region", "school")
            #expect(refused.code == 1 && refused.errors.contains("1 loans of things"), "\(refused)")
            #expect(try await host.versions() == ["1.0.0"])

            let forced = try host("rollback", "--to=3", "--yes")
            #expect(forced.code == 0, "\(forced)")
            #expect(try await host.statuses("/api/lending") == [404])
            // What is decided already, and does not serve, is rolled out.
            try host.done("enable", "lending", "--region", "school")
            #expect(try await host.client.send("POST", "/api/lending/returns", json: "").status == 204)
            try host.done("rollback", "--to", "3", "--yes")
            #expect(try await host.statuses("/api/lending") == [404])
            let again = try host.done("enable", "lending", "--region", "school")
            #expect(try await host.versions() == ["1.0.0"], "\(again)")

            try host.done("disable", "lending", "--region", "school")
            try host.done("rollback", "--to=8")
            #expect(try await host.versions() == ["1.0.0"])
            try host.done("disable", "lending", "--region", "school")
            #expect(try await host.statuses("/api/lending") == [404])
        }
    }

    @Suite("What a region's database is, and what plugins do, is looked at before anything is taken up")
    struct Candidates {
        @Test("another database that does not answer is refused, a reload that is late is not called refused")
        func database() async throws {
            let database = try Database()
            let host = try Host(database: database.text, workers: 1)
            try host.done("migrate")
            try await host.start()
            let file = try host.regionFile()
            try host.write("regions/school.yaml", file.replacing(database.text, with: "host=/nowhere dbname=school"))
            let answer = try host("reload")
            #expect(answer.code == 1)
            #expect(
                answer.errors.contains(
                    "region school: another database than before is named, but this database school does"),
                "\(answer)")
            #expect(try await host.versions() == ["1.0.0"])
            try host.write("regions/school.yaml", file)
            try host.write("regions/new.yaml", "title: New\ncurrency: EUR\ndatabase: host=/nowhere dbname=new\n")
            let new = try host("reload")
            #expect(
                new.errors.contains("region new: the region is new, and its database new does not answer"), "\(new)")
            unlink(host.directory + "/Config/regions/new.yaml")

            // Whoever waits no longer is not told that everything is as before.
            let client = host.client
            async let nap = client.send("POST", "/api/lending/naps", json: "")
            try await Task.sleep(for: .milliseconds(300))
            let late = try host("reload", "--here", "--wait", "1")
            #expect(late.code == 1)
            #expect(late.errors.contains("this host has not taken it up after 1 s, and is still at it ("), "\(late)")
            #expect(!late.errors.contains("as before"), "\(late)")
            #expect(try await nap.status == 204)
            try await waitUntil("it has taken it up", within: 30) { host.generation > 1 }
        }

        @Test("a plugin that crashes when it is asked is named, with its region, by whoever asks")
        func crash() async throws {
            let host = try Host(database: nil, workers: 1)
            try host.done("migrate")
            try host.region(desk: "trap")
            let sentence =
                "region school: the plugin lending 1.0.0 crashed (signal 6) when it was asked what it contributes\n"
            for command in ["check", "regions", "plan"] {
                let answer = try host(command)
                #expect(answer.code == 1 && answer.errors.hasSuffix("lyceum: " + sentence), "\(answer)")
            }
            try host.region()
            try await host.start()
            try host.region(desk: "trap")
            let reload = try host("reload")
            #expect(reload.errors.hasSuffix("goes on as before: " + sentence), "\(reload)")
            let names = try FileManager.default.contentsOfDirectory(atPath: host.directory + "/state/generations")
            #expect(!names.contains { $0.hasSuffix(".making") }, "\(names)")
        }
    }
}

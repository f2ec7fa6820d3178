import Foundation
import Glibc
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

extension Generations {
    @Suite("A candidate that fails leaves everything as it is, and says why")
    struct Refusals {
        @Test("a bad library, a probe that crashes, a missing setting, a failing migration")
        func refused() async throws {
            // An embedded database is migrated by the candidate itself.
            let host = try Host(database: nil, workers: 1)
            try host.done("migrate")
            try await host.start()
            let before = host.generation

            func refuses(_ words: String..., because sentences: [String]) async throws {
                let answer = words.count == 1 ? try host(words[0]) : try host(words[0], words[1], words[2], words[3])
                #expect(answer.code != 0, "\(answer)")
                for sentence in sentences { #expect(answer.errors.contains(sentence), "\(answer)") }
                #expect(try await host.versions() == ["1.0.0"])
                #expect(try await host.everywhere { $0.json("desk") as? String } == ["front"])
                #expect(host.generation == before)
            }

            try host.library(Data("no library".utf8))
            try await refuses("reload", because: ["goes on as before: ", "lyceum.yaml:", "lending.so"])
            try await refuses("enable", "courses", "--region", "school", because: ["lending.so"])
            #expect(try await host.statuses("/api/courses") == [404])
            try host.library("LendingOne")

            try host.region(desk: "trap")
            try await refuses("reload", because: ["goes on as before: ", "signal"])
            try host.region(desk: nil)
            try await refuses("reload", because: ["school.yaml:", "/plugins/lending/desk is required"])
            try host.write("regions/school.yaml", try host.regionFile().replacing("  lending:\n", with: ""))
            let write = "Config/regions/school.yaml:\n  plugins:\n    lending:\n      desk: …\n"
            try await refuses(
                "enable", "lending", "--region", "school", because: ["/plugins/lending/desk is required", write])
            try host.region()

            let generation = try GenerationFile.read(directory: host.directory + "/state/generations/\(before)")
            let connection = try Connection(generation.regions[0].database)
            connection.role = PluginRoles(database: "lyceum_school", plugin: "lending").owner
            try connection.script("create table lending.shelf (id integer)")
            connection.role = nil
            try host.library("LendingTwo")
            try await refuses(
                "reload", because: ["lending migration 2 (shelves) failed and left nothing behind", "already exists"])
            #expect(try connection.number("select max(version) from lyceum.migration where plugin = 'lending'") == 1)

            // Put right, the same candidate is taken up.
            try connection.run("drop table lending.shelf")
            try host.done("reload")
            #expect(try await host.versions() == ["2.0.0"])
        }

        @Test("after a rollback it stays so over a restart, is told, and ends with a reload")
        func rollback() async throws {
            let database = try Database()
            let host = try Host(database: database.text, workers: 1)
            try host.done("migrate")
            try await host.start()
            #expect(try host("rollback").errors.contains("no generation that served before is kept"))
            try host.region(desk: "back")
            try host.done("reload")
            // The configuration is not read, whatever it says by now.
            try host.write("regions/broken.yaml", "title: [\n")
            let answer = try host.done("rollback")
            unlink(host.directory + "/Config/regions/broken.yaml")
            #expect(answer.output.contains("~ setting lending.desk becomes \"front\", and was \"back\""), "\(answer)")
            #expect(answer.output.contains("it is generation 1 again"), "\(answer)")
            let desk = { (response: TestResponse) in response.json("desk") as? String }
            #expect(try await host.everywhere(desk) == ["front"])
            for words in ["plan", "regions"] { #expect(try host.done(words).errors.contains("which is 1 again")) }
            #expect(try host.done("plan").output.contains("~ setting lending.desk becomes \"back\", and was \"front\""))

            host.stop()
            try await host.start()
            #expect(try await host.everywhere(desk) == ["front"])
            #expect(host.log.contains("generation 1 is served again, as before"), "\(host.log)")
            try host.done("reload")
            #expect(try await host.everywhere(desk) == ["back"])
            #expect(try host.done("plan").output == "nothing to do\n")
        }
    }
}

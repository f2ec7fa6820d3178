import Foundation
import Glibc
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

extension Generations {
    @Suite("Two hosts share a database")
    struct SeveralHosts {
        let database: Database
        let one: Host
        let other: Host

        init() async throws {
            database = try Database()
            one = try Host(database: database.text, workers: 1)
            other = try Host(database: database.text, workers: 1)
            try one.done("migrate")
            try await one.start()
            try await other.start()
            let connection = try database.connect()
            try await waitUntil("both are known") {
                try connection.number("select count(*) from lyceum.host where digest <> ''") == 2
            }
        }

        @Test("what is decided on one serves on both when the command returns, also a reload")
        func together() async throws {
            for _ in 0..<3 {
                let answer = try one.done("enable", "courses", "--region", "school")
                #expect(!answer.errors.contains("otherwise"), "\(answer)")
                #expect(try await one.statuses("/api/courses") == [200])
                #expect(try await other.statuses("/api/courses") == [200])
                try other.done("disable", "courses", "--region", "school")
                #expect(try await other.statuses("/api/courses") == [404])
                #expect(try await one.statuses("/api/courses") == [404])
            }
            // Each decision made one generation on each host: the command's own host did not hear of it twice.
            try await Task.sleep(for: .seconds(7))
            #expect(one.generation == 7)
            #expect(other.generation == 7)

            try one.library("LendingTwo")
            try one.done("migrate")
            let alone = try one.done("reload")
            #expect(alone.errors.contains("state serves school otherwise: accounts 1.1.0, lending 1.0.0"), "\(alone)")
            #expect(try await one.versions() == ["2.0.0"])
            #expect(try await other.versions() == ["1.0.0"])
            try other.library("LendingTwo")
            let both = try one.done("reload")
            #expect(!both.errors.contains("otherwise"), "\(both)")
            #expect(try await other.versions() == ["2.0.0"])
            #expect(try one.done("regions").output.contains(" 2      accounts lending"))
        }

        @Test("one that cannot is named with its reason and goes on as before, and takes it up once it can")
        func refuses() async throws {
            try other.library(Data("no library".utf8))
            let answer = try one("enable", "courses", "--region", "school")
            #expect(answer.code == 1)
            #expect(answer.output.contains("generation 2 serves"), "\(answer)")
            #expect(answer.errors.contains("\(other.directory)/state goes on as before in school: "), "\(answer)")
            #expect(answer.errors.contains("lending.so"), "\(answer)")
            #expect(try await one.statuses("/api/courses") == [200])
            #expect(try await other.statuses("/api/courses") == [404])
            #expect(try await other.versions() == ["1.0.0"])
            let regions = try one.done("regions")
            #expect(regions.errors.contains("\(other.directory)/state serves school as it was before: "), "\(regions)")

            try other.library("LendingOne")
            try other.done("reload")
            #expect(try await other.statuses("/api/courses") == [200])
            try await waitUntil("it has told so", within: 30) {
                try !one.done("regions").errors.contains("as it was before")
            }
        }

        @Test("one that is late is named, one that is gone is not waited for")
        func late() async throws {
            let client = other.client
            async let nap = client.send("POST", "/api/lending/naps", json: "")
            try await Task.sleep(for: .milliseconds(300))
            let answer = try one("enable", "courses", "--region=school", "--wait", "3")
            #expect(answer.code == 1)
            #expect(answer.errors.contains("waiting: "), "\(answer)")
            #expect(
                answer.errors.contains("after 3 s ")
                    && answer.errors.contains("\(other.directory)/state has not taken it up in school yet"), "\(answer)"
            )
            #expect(try await nap.status == 204)
            try await waitUntil("it has taken it up by itself") { other.generation == 2 }

            other.stop()
            try one.done("disable", "courses", "--region", "school")
            #expect(try await one.statuses("/api/courses") == [404])
            // What was decided while it was away is there from its first moment.
            try await other.start()
            #expect(try await other.statuses("/api/courses") == [404])
        }
    }
}

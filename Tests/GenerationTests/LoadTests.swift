import Foundation
import Glibc
import Kernel
import LyceumTesting
import PostgreSQL
import Testing

extension Generations {
    @Suite("Under eight clients that never try again")
    struct UnderLoad {
        /// What the supervisor and the server hold.
        private struct Held: CustomStringConvertible {
            var kilobytes: Int
            var descriptors: Int
            var threads: Int
            var connections: Int
            var directories: Int
            var description: String {
                "\(kilobytes) kB, \(descriptors) descriptors, \(threads) threads, \(connections) connections, \(directories) directories"
            }

            init(_ host: Host, _ database: Database, _ connection: Connection) throws {
                let process = try #require(host.serve?.id)
                let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
                func number(_ name: String) throws -> Int {
                    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name + ":") })
                    return try #require(
                        line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) })
                }
                kilobytes = try number("VmRSS")
                threads = try number("Threads")
                descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
                connections = try database.connections(connection)
                directories = try FileManager.default.contentsOfDirectory(atPath: host.directory + "/state/generations")
                    .count
            }
        }

        @Test("200 changes: plugins come and go, another release comes and goes, nothing fails and nothing grows")
        func changes() async throws {
            let database = try Database()
            let host = try Host(database: database.text)
            try host.done("migrate")
            try await host.start()
            let connection = try database.connect()
            let load = try Load(host)
            var made = 0
            var early: Held?

            func changed() async throws {
                made += 1
                try load.check()
                guard made == 20 else { return }
                early = try await settled()
            }
            /// What is held once the connections of processes that ended are gone.
            func settled() async throws -> Held {
                try await Task.sleep(for: .milliseconds(500))
                return try Held(host, database, connection)
            }

            for _ in 0..<50 {
                try host.done("enable", "courses", "--region", "school")
                #expect(try await host.statuses("/api/courses") == [200])
                try await changed()
                try host.done("disable", "courses", "--region", "school")
                #expect(try await host.statuses("/api/courses") == [404])
                try await changed()
            }

            for (library, version) in [("LendingTwo", "2.0.0"), ("LendingOne", "1.0.0"), ("LendingTwo", "2.0.0")] {
                try host.library(library)
                try host.done("migrate")
                try host.done("reload")
                #expect(try await host.versions() == [version])
                #expect(try await host.statuses("/api/lending/shelves") == [version == "2.0.0" ? 401 : 404])
                try await changed()
            }
            // The file is the second release's still.
            try host.done("rollback")
            #expect(try await host.versions() == ["1.0.0"])
            try await changed()
            try host.library("LendingOne")

            while made < 200 {
                let desk = "desk \(made)"
                try host.region(desk: desk)
                try host.done("reload", "--here")
                #expect(try await host.everywhere { $0.json("desk") as? String } == [desk])
                try await changed()
            }
            let late = try await settled()
            let first = try #require(early)
            print("after 20 changes \(first); after 200 \(late)")
            #expect(late.kilobytes < first.kilobytes + 2_048, "\(first), then \(late)")
            #expect(late.descriptors <= first.descriptors, "\(first), then \(late)")
            #expect(late.threads <= first.threads, "\(first), then \(late)")
            #expect(late.connections <= first.connections + 2, "\(first), then \(late)")
            #expect(late.directories <= first.directories + 1, "\(first), then \(late)")

            let accepted = try load.end()
            #expect(accepted > 1_000)
            #expect(try connection.number("select count(*) from lending.loan") == accepted)
            try await waitUntil("all events are delivered", within: 60) {
                try connection.number("select count(*) from lending.seen") >= accepted
            }
            #expect(try connection.number("select count(*) from lending.seen") == accepted)
            #expect(try connection.number("select count(distinct item) from lending.seen") == accepted)
            host.stop()
            #expect(try database.connections(connection) == 0)
            #expect(try connection.number("select count(*) from lyceum.host") == 0)
        }
    }
}

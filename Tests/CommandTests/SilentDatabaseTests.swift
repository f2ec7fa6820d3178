import Foundation
import Kernel
import Testing

@Suite("A database that cannot be had is named, and takes nothing else with it")
struct SilentDatabaseTests {
    @Test("a mistyped connection string is refused with its line, in either file")
    func mistyped() throws {
        let lyceum = try CommandRun()
        try lyceum.region("studio", "  accounts:\n")
        try lyceum.write("lyceum.yaml", "workers: 1\ndatabase: hots=localhost dbname=ly_{region}\n")
        let answer = try lyceum("check")
        #expect(answer.code == 78)
        #expect(
            answer.errors == """
                Config/lyceum.yaml:2: /database is not understood: the connection string is none: invalid connection option \
                "hots"; write what libpq reads, such as host=db.example.org dbname=lyceum_{region} user=lyceum, or a URI

                """)
        try lyceum.write("lyceum.yaml", "workers: 1\n")
        try lyceum.write("regions/studio.yaml", "title: S\ncurrency: EUR\ndatabase: dbname=one host\n")
        #expect(try lyceum("check").errors.hasPrefix("Config/regions/studio.yaml:3: /database is not understood: "))
        try lyceum.write(
            "lyceum.yaml", "database: dbname=ly_{region} host=/nowhere\nadministration: usr=postgres dbname={region}\n")
        try lyceum.write("regions/studio.yaml", "title: S\ncurrency: EUR\n")
        #expect(try lyceum("check").errors.hasPrefix("Config/lyceum.yaml:2: /administration is not understood: "))
    }

    @Test("`check` names each that does not answer, and ends with 1; `regions` says why")
    func check() throws {
        let lyceum = try CommandRun()
        try lyceum.region("studio", "  accounts:\n")
        try lyceum.write("lyceum.yaml", "database: host=/nowhere dbname=ly_{region}\n")
        let answer = try lyceum("check")
        #expect(answer.code == 1)
        #expect(answer.errors.contains("region academy: its database ly_academy does not answer: "), "\(answer)")
        #expect(answer.errors.contains("region studio: its database ly_studio does not answer: "), "\(answer)")
        #expect(!answer.output.contains("in order"))
        let json = try lyceum("check", "--json")
        #expect(json.code == 1)
        #expect(json.output.contains(#""region studio: its database ly_studio does not answer: "#))
        let regions = try lyceum("regions")
        #expect(regions.code == 0)
        #expect(regions.output.contains("away"))
        #expect(regions.errors.contains("the database of academy does not answer: "), "\(regions)")
    }

    @Test("the private cluster need not run for a configuration to be in order")
    func stopped() throws {
        let lyceum = try CommandRun()
        #expect(try lyceum("migrate").code == 0)
        let answer = try lyceum("check")
        #expect(answer.code == 0, "\(answer)")
    }

    @Test("databases that hang are waited for side by side, and what is waited for is said")
    func hanging() throws {
        let lyceum = try CommandRun()
        // Connected to, and never answered.
        let silent = try SilentSocket(lyceum.directory.path)
        defer { withExtendedLifetime(silent) {} }
        for name in ["a", "b", "c", "d", "e"] { try lyceum.region(name, "  accounts:\n") }
        try lyceum.write("lyceum.yaml", "database: host=\(lyceum.directory.path) dbname=ly_{region}\n")
        let begin = ContinuousClock.now
        let answer = try lyceum("regions")
        #expect(answer.code == 0)
        // One after the other they would take 30 s.
        #expect(ContinuousClock.now - begin < .seconds(20), "\(answer)")
        #expect(answer.errors.contains("waiting for the database of a, academy, b, c, d, e"), "\(answer)")
    }

    @Test("a home that a disabled plugin had is a note and no mistake")
    func home() throws {
        let lyceum = try CommandRun()
        try lyceum.write(
            "regions/academy.yaml", "title: A\ncurrency: EUR\nhome: /courses\nplugins:\n  accounts:\n  courses:\n")
        #expect(try lyceum("migrate").code == 0)
        #expect(try lyceum("disable", "courses", "--region", "academy").code == 0)
        let cluster = try lyceum.cluster()
        try cluster.start()
        defer { _ = try? cluster.stop() }
        let answer = try lyceum("check")
        #expect(answer.code == 0, "\(answer)")
        #expect(
            answer.output.contains(
                "note: region academy: its home /courses is a page of a plugin that was disabled (courses)"),
            "\(answer)")
    }
}

/// A socket where PostgreSQL's would be, which takes connections and says nothing.
final class SilentSocket {
    private let descriptor: Int32

    init(_ directory: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = directory + "/.s.PGSQL.5432"
        try #require(path.utf8.count < 107)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(descriptor, 64) == 0)
    }

    deinit { close(descriptor) }
}

import Foundation
import Kernel
import Lyceum
import LyceumTesting
import PostgreSQL
import Recorder
import Testing

@Suite("A listener that hears another event loses nothing silently")
struct MoveTests {
    private struct Moved: Event {
        static let name = "moved.thing.happened"
        var key: String
    }
    private struct MovedAgain: Event {
        static let name = "moved.thing.happened"
        static let major = 2
        var key: String
    }

    private struct First: Plugin {
        static let manifest = Manifest(id: "moved", version: "1.0.0")
        static var declarations: [any Declaration] { Emits(Moved.self) }
        init() {}
        func contributions(_ settings: NoSettings) -> [any Contribution] {
            Listener("welcome", on: Moved.self) { _, _ in }
        }
    }
    private struct Second: Plugin {
        static let manifest = Manifest(id: "moved", version: "2.0.0")
        static var declarations: [any Declaration] {
            Emits(Moved.self)
            Emits(MovedAgain.self)
        }
        init() {}
        func contributions(_ settings: NoSettings) -> [any Contribution] {
            Listener("welcome", on: MovedAgain.self) { _, _ in }
        }
    }

    private static let sentence = """
        the listener moved.welcome hears moved.thing.happened v2 now, but its place here is one among moved.thing.happened v1; \
        give it another name and keep the old one beside it until that has been given everything; or give up what it was not \
        given: disable its plugin, and `lyceum deliveries forget --region REGION moved.welcome --yes`
        """

    @Test("a new version of its plugin is refused, until what it was not given is given up")
    func refused() async throws {
        let world = try await TestInstallation(plugins: [First.self], copied: false)
        let database = try world.connection()
        let installer = Installer(try RegionPlan(world.generation.regions[0], Registry([Second.self])))
        let before = try #require(#expect(throws: (any Error).self) { try installer.missing(database) })
        #expect("\(before)" == Self.sentence)
        let error = try #require(#expect(throws: (any Error).self) { try installer.install(database) })
        #expect("\(error)" == Self.sentence)
        let version: String = try database.query("select version from lyceum.plugin where id = 'moved'").row(0).only()
        #expect(version == "1.0.0")
        try DeliveryBooks(database).forget("moved.welcome")
        #expect(
            try installer.install(database).contains(
                Installer.Step(plugin: "moved", what: "listener moved.welcome begins from now")))
        let place: String = try database.query("select topic || ' v' || major from lyceum.cursor").row(0).only()
        #expect(place == "moved.thing.happened v2")
    }

    @Test("a process that finds its place about another event leaves it alone and says so; other listeners go on")
    func left() async throws {
        let world = try await TestInstallation(plugins: [StormPlugin.self])
        let database = try world.connection()
        // As another release left it, whose listener heard something else.
        try database.script("update lyceum.cursor set topic = 'storm.number.lost' where listener = 'storm.listener-0'")
        let place: Statement = "select cursor::text from lyceum.cursor where listener = 'storm.listener-0'"
        let before: String = try database.query(place).row(0).only()
        let directory = try world.writeGeneration()
        let own = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        let process = try Child(
            TestPrograms.path("TestWorker"), ["--generation", directory, "--delivery"],
            environment: own + ["SWIFT_BACKTRACE=enable=no"], errors: .file(directory + "/log"))
        defer { #expect(process.stop(SIGTERM, within: .seconds(30)) == .exited(0)) }
        func send() async throws {
            #expect(
                try await world.client().send("POST", "/api/storm/numbers", json: #"{"keys": ["a"]}"#).status == 204)
        }
        func seen(_ listener: String) throws -> Int {
            try database.query("select count(*) from storm.seen where listener = \(listener)").row(0).only()
        }
        try await send()
        try await waitUntil("the others have it") { try seen("listener-1") == 1 && seen("listener-4") == 1 }
        try await waitUntil("it is said") {
            let said = try String(contentsOfFile: directory + "/log", encoding: .utf8)
            return said.contains("the listener storm.listener-0 hears storm.number.sent v1 now")
        }
        #expect(try seen("listener-0") == 0)
        #expect(try database.query(place).row(0).only() == before)
        // Once that is given up, it begins from now without a restart.
        try DeliveryBooks(database).forget("storm.listener-0")
        try await waitUntil("it has a place again") {
            try database.query("select count(*) from lyceum.cursor where listener = 'storm.listener-0'").row(0).only()
                == 1
        }
        try await send()
        try await waitUntil("it is given the next") { try seen("listener-0") == 1 }
    }
}

extension Row {
    /// The first column of the row.
    func only<Value: SQLValue>() throws -> Value {
        var row = self
        return try row.next()
    }
}

import Foundation
import Glibc
import Kernel
import PostgreSQL
import Testing

@Suite("A private cluster")
struct ClusterLifeTests {
    @Test("is made, started, asked, stopped and started again, and each step may be repeated")
    func life() throws {
        let scratch = try Scratch()
        let cluster = try scratch.cluster()
        #expect(!cluster.isMade)
        #expect(try cluster.make())
        #expect(try !cluster.make())
        #expect(cluster.serverProcess == nil)
        #expect(try cluster.start())
        #expect(try !cluster.start())
        #expect(try cluster.createDatabase("academy"))
        #expect(try !cluster.createDatabase("academy"))
        let connection = try Connection(cluster.conninfo(database: "academy"))
        var row = try connection.query(
            """
            select current_setting('server_encoding'), current_setting('lc_collate'), current_setting('listen_addresses'),
                current_setting('max_connections'), current_database()
            """
        ).row(0)
        #expect(try row.next() == "UTF8")
        #expect(try row.next() == "C.UTF-8")
        #expect(try row.next() == "")
        #expect(try row.next() == 20)
        #expect(try row.next() == "academy")
        #expect(try cluster.stop())
        #expect(try !cluster.stop())
        #expect(cluster.serverProcess == nil)
        #expect(try cluster.start())
        #expect(try Connection(cluster.conninfo(database: "academy")).query("select 1").rowCount == 1)
        #expect(try cluster.stop())
    }

    @Test("lets nobody else in: files and socket directory belong to its user alone")
    func modes() throws {
        let scratch = try Scratch()
        let cluster = try scratch.cluster()
        try cluster.make()
        try cluster.start()
        for directory in [cluster.directory, cluster.socketDirectory] {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
            #expect(attributes[.ownerAccountName] as? String == unprivileged ?? NSUserName())
        }
        try cluster.stop()
    }

    @Test("works in a path with spaces, quotes and letters beyond ASCII")
    func oddPath() throws {
        let scratch = try Scratch("a 'b\" ö")
        let cluster = try scratch.cluster("my data")
        try cluster.make()
        try cluster.start()
        try cluster.createDatabase("a 'quoted\" name")
        #expect(try Connection(cluster.conninfo(database: "a 'quoted\" name")).database == "a 'quoted\" name")
        try cluster.stop()
    }

    @Test("that was interrupted while being made is made anew")
    func halfMade() throws {
        let scratch = try Scratch()
        let cluster = try scratch.cluster()
        try FileManager.default.createDirectory(
            atPath: "\(scratch.path)/data.making/base", withIntermediateDirectories: true)
        try Data("15\n".utf8).write(to: URL(fileURLWithPath: "\(scratch.path)/data.making/PG_VERSION"))
        #expect(try cluster.make())
        #expect(!scratch.exists("data.making"))
        try cluster.start()
        try cluster.stop()
    }

    @Test("starts over a postmaster.pid that a crash left, even when its number is somebody else's now")
    func stale() throws {
        let scratch = try Scratch()
        let cluster = try scratch.cluster()
        try cluster.make()
        try cluster.start()
        let id = try #require(cluster.serverProcess)
        let pidFile = try Data(contentsOf: URL(fileURLWithPath: "\(cluster.directory)/postmaster.pid"))
        kill(id, SIGKILL)
        var status: Int32 = 0
        waitpid(id, &status, 0)
        usleep(300_000)
        #expect(cluster.serverProcess == nil)
        #expect(try cluster.start())
        try cluster.stop()
        // The number of this very process: alive, and no server. PostgreSQL itself looks for such numbers too.
        var lines = String(decoding: pidFile, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        lines[0] = "\(getppid())"
        try lines.joined(separator: "\n").write(
            toFile: "\(cluster.directory)/postmaster.pid", atomically: false, encoding: .utf8)
        #expect(cluster.serverProcess == nil)
    }

    @Test("copies a database as a template, and drops it with whoever is connected")
    func template() throws {
        let scratch = try Scratch()
        let cluster = try scratch.cluster()
        try cluster.make()
        try cluster.start()
        try cluster.createDatabase("model")
        do {
            let connection = try Connection(cluster.conninfo(database: "model"))
            try connection.script("create table thing (id int); insert into thing values (7)")
        }
        try cluster.createDatabase("copy", template: "model")
        let connection = try Connection(cluster.conninfo(database: "copy"))
        var row = try connection.query("select id from thing").row(0)
        #expect(try row.next() == 7)
        try cluster.dropDatabase("copy")
        #expect(!connection.ping())
        #expect(connection.isBroken)
        try cluster.stop()
    }

    @Test("made by two at once is made once")
    func together() async throws {
        let scratch = try Scratch()
        let path = scratch.path
        let made = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var options = Cluster.Options()
                    options.user = unprivileged
                    options.durable = false
                    return try Cluster("\(path)/data", socketDirectory: "\(path)/run", options).make()
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(made == 1)
        #expect(scratch.exists("data/PG_VERSION"))
    }

    @Test("ends, and its files go, with the process that started it")
    func ephemeral() throws {
        let scratch = try Scratch()
        // What the test would need a second process for is done by hand: the guard waits on a pipe that its starter holds.
        let cluster = try scratch.cluster()
        try cluster.make()
        try cluster.start()
        let id = try #require(cluster.serverProcess)
        // A process that was started an instant ago may not show its command line yet.
        usleep(200_000)
        let held = try #require(try pipe(heldBy: "sh", "\(id)", cluster.directory))
        close(held)
        let deadline = ContinuousClock.now + .seconds(20)
        var status: Int32 = 0
        while scratch.exists("data") || scratch.exists("data.log"), ContinuousClock.now < deadline {
            waitpid(id, &status, WNOHANG)
            usleep(20_000)
        }
        #expect(kill(id, 0) != 0)
        #expect(!scratch.exists("data"))
        #expect(!scratch.exists("data.log"))
    }

    /// This process's end of the pipe whose other end is descriptor 3 of the process with this command line.
    private func pipe(heldBy words: String...) throws -> Int32? {
        let files = FileManager.default
        for process in try files.contentsOfDirectory(atPath: "/proc") where Int32(process) != nil {
            guard let command = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8),
                words.allSatisfy({ command.split(separator: "\0").map(String.init).contains($0) }),
                let pipe = try? files.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/3")
            else { continue }
            return try files.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { Int32($0) }.first { number in
                (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")) == pipe
            }
        }
        return nil
    }
}

import Foundation
import Glibc
import Kernel
import Testing

@Suite("A private cluster that cannot be says why, and works once the reason is gone")
struct ClusterErrorTests {
    @Test("a socket path that is too long")
    func long() {
        let directory = "/tmp/" + String(repeating: "x", count: 90)
        let (kind, text) = ClusterError.kind { _ = try Cluster("/tmp/d", socketDirectory: directory, options) }
        #expect(kind == .pathTooLong)
        #expect(text.contains("would have 109 bytes, but the system allows 107"))
        #expect(throws: Never.self) {
            try Cluster("/tmp/d", socketDirectory: "/tmp/" + String(repeating: "x", count: 87), options)
        }
    }

    private var options: Cluster.Options {
        var options = Cluster.Options()
        options.user = unprivileged
        return options
    }

    @Test("an unknown user, and root")
    func users() {
        var options = Cluster.Options()
        options.user = "nobody-of-that-name"
        #expect(ClusterError.kind { _ = try Cluster("/tmp/d", socketDirectory: "/tmp/r", options) }.0 == .unknownUser)
        options.user = "root"
        #expect(ClusterError.kind { _ = try Cluster("/tmp/d", socketDirectory: "/tmp/r", options) }.0 == .root)
        options.user = nil
        let kind = ClusterError.kind { _ = try Cluster("/tmp/d", socketDirectory: "/tmp/r", options) }.0
        #expect(kind == (geteuid() == 0 ? .root : nil))
    }

    @Test("a relative path")
    func relative() {
        let (kind, text) = ClusterError.kind { _ = try Cluster("data", socketDirectory: "/tmp/r", options) }
        #expect(kind == .directory)
        #expect(text == "data must be an absolute path on one line")
    }

    @Test("a version that is not installed")
    func version() throws {
        let (kind, text) = ClusterError.kind { _ = try Cluster.Programs.find(major: 9) }
        #expect(kind == .version)
        #expect(text.contains("is of PostgreSQL 9"))
        #expect(try Cluster.Programs.find().major >= 15)
    }

    @Test("starting what was never made")
    func notMade() throws {
        let scratch = try Scratch()
        let cluster = try scratch.cluster()
        #expect(ClusterError.kind { try cluster.start() }.0 == .notMade)
    }

    @Test("a directory with something else in it is left alone")
    func occupied() throws {
        let scratch = try Scratch()
        let cluster = try scratch.cluster()
        try FileManager.default.createDirectory(atPath: cluster.directory, withIntermediateDirectories: false)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(cluster.directory)/letter"))
        let (kind, text) = ClusterError.kind { try cluster.make() }
        #expect(kind == .directory)
        #expect(text.contains("is no database and not empty"))
        #expect(scratch.exists("data/letter"))
        try FileManager.default.removeItem(atPath: "\(cluster.directory)/letter")
        #expect(try cluster.make())
    }

    @Test("a parent that does not exist")
    func parent() throws {
        let scratch = try Scratch()
        let cluster = try scratch.cluster("no/such")
        let (kind, text) = ClusterError.kind { try cluster.make() }
        #expect(kind == .directory)
        #expect(text.contains("No such file or directory"))
    }

    @Test("a setting that PostgreSQL does not know is named, and mending it is enough")
    func setting() throws {
        let scratch = try Scratch()
        let wrong = try scratch.cluster { $0.settings = ["no_such_setting = 1"] }
        try wrong.make()
        let (kind, text) = ClusterError.kind { try wrong.start() }
        #expect(kind == .failed)
        #expect(text.hasPrefix("the database cannot be started (\(wrong.directory).log): unrecognized"))
        #expect(text.contains("\"no_such_setting\""))
        let right = try scratch.cluster()
        try right.make()
        #expect(try right.start())
        try right.stop()
    }

    @Test("a full disk")
    func full() throws {
        let scratch = try Scratch()
        // Only root can mount a small disk; anybody else gets an initdb that says what it says on one.
        let small = geteuid() == 0
        if small { try mount("tmpfs", "size=8m,mode=755", "tmpfs", scratch.path) }
        defer { if small { _ = try? Child.run("umount", ["-l", scratch.path]) } }
        let complaint = "initdb: error: could not write to file: No space left on device"
        let pretended = try scratch.programs(initdb: "echo '\(complaint)' >&2; exit 1")
        let cluster = try scratch.cluster { $0.programs = small ? nil : pretended }
        let (kind, text) = ClusterError.kind { try cluster.make() }
        #expect(kind == .diskFull)
        #expect(
            text
                == "the database cluster cannot be made: the disk of \(cluster.directory) is full; make room and try again"
        )
        #expect(!cluster.isMade)
        if small { try mount("", "remount,size=200m", scratch.path) }
        #expect(try scratch.cluster().make())
    }

    @Test("programs that are not there")
    func missing() throws {
        let scratch = try Scratch()
        let cluster = try scratch.cluster { $0.programs = scratch.path }
        let (kind, text) = ClusterError.kind { try cluster.make() }
        #expect(kind == .notInstalled)
        #expect(text.contains("PostgreSQL's server was not found in \(scratch.path); install it"))
    }

    private func mount(_ type: String, _ options: String, _ names: String...) throws {
        let outcome = try Child.run("mount", (type.isEmpty ? [] : ["-t", type]) + ["-o", options] + names)
        try #require(outcome.status.success, "\(outcome.complaint)")
    }
}

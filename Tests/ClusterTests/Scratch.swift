import Foundation
import Kernel
import Testing

/// A directory of a test's own, gone when the test ends.
final class Scratch {
    let path: String

    init(_ name: String = "c") throws {
        // Below /tmp itself: an unprivileged user must be able to enter it, and sockets want short paths.
        path = "/tmp/ly-\(name)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

    /// A directory of programs that only pretend to be PostgreSQL's.
    func programs(initdb: String) throws -> String {
        let directory = "\(path)/bin"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        for (name, script) in [("initdb", initdb), ("postgres", "echo 'postgres (PostgreSQL) 15.1'")] {
            let file = "\(directory)/\(name)"
            try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        }
        return directory
    }

    /// A cluster that ends with the test process, in `data` with its socket in `run`.
    func cluster(_ data: String = "data", _ change: (inout Cluster.Options) -> Void = { _ in }) throws -> Cluster {
        var options = Cluster.Options()
        options.user = unprivileged
        options.durable = false
        options.ephemeral = true
        options.connections = 20
        options.sharedBuffers = 16
        change(&options)
        return try Cluster("\(path)/\(data)", socketDirectory: "\(path)/run", options)
    }
}

/// PostgreSQL refuses root, so as root its own user runs it.
let unprivileged = geteuid() == 0 ? "postgres" : nil

extension ClusterError {
    static func kind(_ body: () throws -> Void) -> (Kind?, String) {
        do { try body() } catch let error as ClusterError { return (error.kind, error.description) } catch {
            return (nil, "\(error)")
        }
        return (nil, "nothing was thrown")
    }
}

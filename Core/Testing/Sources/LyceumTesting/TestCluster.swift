internal import Foundation
public import Kernel
internal import Synchronization

/// The private PostgreSQL server of a test process: started when first asked for, gone with the process, however it ends.
public enum TestCluster {
    private static let started = Mutex<Cluster?>(nil)

    /// The server.
    ///
    /// - Throws: `ClusterError` when PostgreSQL is not installed or cannot run here.
    public static func shared() throws -> Cluster {
        try started.withLock { started in
            if let started { return started }
            let cluster = try make()
            started = cluster
            return cluster
        }
    }

    /// A server of a test's own, for tests that stop it; it goes with the process too.
    public static func own() throws -> Cluster { try make() }

    private static func make() throws -> Cluster {
        // Short: the path of a socket may have 107 bytes.
        let root = "/tmp/lyceum-test-\(getpid())-\(UInt32.random(in: 0...0xFFFF))"
        try FileManager.default.createDirectory(
            atPath: root, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        var options = Cluster.Options()
        options.ephemeral = true
        options.durable = false
        options.connections = 200
        options.sharedBuffers = 64
        // PostgreSQL refuses to run as root.
        if geteuid() == 0 { options.user = "postgres" }
        let cluster = try Cluster(root + "/data", socketDirectory: root + "/socket", options)
        try cluster.make()
        try cluster.start()
        return cluster
    }
}

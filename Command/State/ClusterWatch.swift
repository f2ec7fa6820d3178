internal import Foundation
internal import Kernel
internal import Synchronization

/// Starts the private database cluster again when its server ended by itself, for as long as this runs.
///
///     runs ──ended──▶ away ──start──▶ runs
///                      └──cannot be started──▶ a pause, which grows to 30 s ──▶ away
final class ClusterWatch: Sendable {
    private let cluster: Cluster
    private let log: @Sendable (String) -> Void
    /// Whether it has ended; held while the cluster is being started, so that nothing starts after the end.
    private let ended = Mutex(false)

    /// Begins to watch a cluster that runs.
    init(_ cluster: Cluster, log: @escaping @Sendable (String) -> Void) {
        (self.cluster, self.log) = (cluster, log)
        Thread.detachNewThread { self.watch() }
    }

    /// Ends it; afterwards the cluster may be stopped.
    func end() { ended.withLock { $0 = true } }

    private func watch() {
        var server = cluster.serverProcess
        var pause: UInt32 = 1
        while !ended.withLock({ $0 }) {
            usleep(200_000)
            if let now = cluster.serverProcess {
                server = now
                continue
            }
            if let server {
                // Where this process started it, nobody else takes its end off the system's list.
                var status: Int32 = 0
                waitpid(server, &status, WNOHANG)
            }
            let failed = ended.withLock { ended in
                guard !ended, cluster.serverProcess == nil else { return false }
                log("the database ended by itself; starting it again")
                do {
                    try cluster.start()
                    log("the database answers again")
                    return false
                } catch {
                    log("the database does not start: \(error); trying again in \(pause) s")
                    return true
                }
            }
            if !failed {
                pause = 1
                continue
            }
            // In short naps, so that the end does not wait for it.
            for _ in 0..<pause * 5 where !ended.withLock({ $0 }) { usleep(200_000) }
            pause = min(pause * 2, 30)
        }
    }
}

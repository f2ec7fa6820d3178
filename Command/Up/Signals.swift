internal import Foundation
internal import Synchronization

/// Whether this process was asked to end: by ctrl-C, by SIGTERM, or because its terminal went away.
enum Signals {
    private static let asked = Atomic<Bool>(false)

    /// From here on these signals ask instead of killing.
    static func catchAll() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // An atomic store is all that happens here: it is safe in a signal handler.
            signal(number) { _ in Signals.asked.store(true, ordering: .relaxed) }
        }
    }

    /// Whether one of them has come.
    static var haveAsked: Bool { asked.load(ordering: .relaxed) }

    /// Throws when one of them has come.
    static func check() throws { if haveAsked { throw Interrupted() } }
}

/// `up` was told to stop before it was done.
struct Interrupted: Error {}

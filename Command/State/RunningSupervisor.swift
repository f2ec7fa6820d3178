internal import Foundation

/// The `lyceum serve` of an installation, if there is one.
enum RunningSupervisor {
    /// Has it take up what was changed, and waits until all its new processes are ready.
    ///
    /// - Throws: ``Failure`` with the supervisor's own sentence when it refuses, or after two minutes.
    static func takeUp(_ state: StateDirectory) throws {
        guard let process = KnownProcess(file: state.supervisorPid) else { return }
        // A generation whose number is given out from now on has read what was just recorded.
        let before = Generations(state: state).last
        let refusal = stamp(state.refused)
        process.send(SIGHUP)
        let deadline = Date().addingTimeInterval(120)
        while Date() < deadline {
            if revision(state) > before { return tell("generation \(revision(state)) serves") }
            if stamp(state.refused) != refusal, let text = try? String(contentsOfFile: state.refused, encoding: .utf8) {
                throw Failure("it is recorded, but the running installation goes on as before: \(text)")
            }
            guard process.isRunning else { throw Failure("it is recorded, but `lyceum serve` ended meanwhile") }
            usleep(20_000)
        }
        throw Failure(
            "it is recorded, but `lyceum serve` (process \(process.id)) has not taken it up after two minutes")
    }

    /// The revision that all processes acknowledged last; 0 when none did.
    static func revision(_ state: StateDirectory) -> Int {
        let text = try? String(contentsOfFile: state.acknowledged, encoding: .utf8)
        return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
    }

    /// When a file was written last, to see whether it was written again.
    private static func stamp(_ path: String) -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
}

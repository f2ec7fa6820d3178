internal import Foundation

/// The `lyceum serve` of an installation on this host, while it is asked for a new generation.
///
///     asked ──every process is of the new generation──▶ done
///       ├── the generation is refused, `lyceum serve` ends ──▶ failed
///       └── the command waits no longer ──▶ (it is still being done)
final class RunningSupervisor {
    private let state: StateDirectory
    private let process: KnownProcess
    private let before: Int
    private let refusal: Date?

    /// Asks for a new generation; nil where nothing serves.
    ///
    /// A generation whose number is given out from now on has read whatever was written down before.
    init?(_ state: StateDirectory) {
        guard let process = KnownProcess(file: state.supervisorPid) else { return nil }
        (self.state, self.process) = (state, process)
        before = Generations(state: state).last
        refusal = RunningSupervisor.stamp(state.refused)
        process.send(SIGHUP)
    }

    /// How far it is.
    enum Progress {
        /// What is being done, in words that follow "the new processes of this host: ".
        case under(String)
        /// The generation that serves now.
        case done(Int)
        /// Why it does not.
        case failed(String)
    }

    /// How far it is by now.
    var progress: Progress {
        let revision = RunningSupervisor.revision(state)
        if revision > before { return .done(revision) }
        if RunningSupervisor.stamp(state.refused) != refusal,
            let text = try? String(contentsOfFile: state.refused, encoding: .utf8)
        {
            return .failed(text.trimmingCharacters(in: .newlines))
        }
        guard process.isRunning else { return .failed("`lyceum serve` ended meanwhile") }
        let phase = (try? String(contentsOfFile: state.phase, encoding: .utf8)) ?? "it is asked for"
        return .under(phase.trimmingCharacters(in: .newlines))
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

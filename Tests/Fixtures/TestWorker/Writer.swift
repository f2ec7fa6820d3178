import FirstParty
import Glibc
import Kernel
import Lyceum
import Recorder

/// A process that keeps sending numbers by the storm plugin's route until it is killed.
///
/// One key is its own, others it shares; which, and how long it pauses, follows from a seed. Every fifth transaction fails after
/// all.
enum Writer {
    static func run(generation directory: String, number: Int, seed: UInt64, linked: [any Plugin.Type]) async throws {
        let generation = try GenerationFile.read(directory: directory)
        let registry = try Registry(linked, libraries: generation.libraries)
        let installation = try Installation(generation, registry, tellsDelivery: false, log: Log { _ in })
        let lane = LocalLane(installation)
        var random = SeededRandom(state: seed)
        var turn = 0
        while true {
            turn += 1
            let shared = Int.random(in: 0..<6, using: &random)
            let body = #"{"keys": ["w\#(number)", "shared-\#(shared)"], "fail": \#(turn % 5 == 0)}"#
            _ = await lane.answer(
                [
                    ("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/api/storm/numbers"), ("LYCEUM_REGION", "test"),
                    ("CONTENT_TYPE", "application/json"), ("CONTENT_LENGTH", "\(body.utf8.count)"),
                    ("HTTP_HOST", "localhost"),
                ], body: Array(body.utf8))
            usleep(UInt32.random(in: 1_000...10_000, using: &random))
        }
    }
}

internal import Foundation
internal import Synchronization

/// Directories that go when the test's process ends.
final class TestTrash: Sendable {
    static let shared = TestTrash()
    private let paths = Mutex<[String]>([])

    private init() {
        atexit {
            for path in TestTrash.shared.paths.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: path) }
        }
    }

    func add(_ path: String) { paths.withLock { $0.append(path) } }
}

import FastCGI
import Foundation
import Kernel
import LyceumTesting
import PostgreSQL
import Synchronization
import Testing

/// Lines of a log as the machines read them: each must be one object of JSON.
struct LogRecord {
    let text: String
    let members: [String: Any]

    init(_ text: String) throws {
        self.text = text
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
        members = try #require(object as? [String: Any], "\(text)")
    }

    /// All lines of a text.
    static func all(_ text: String) throws -> [LogRecord] {
        try text.split(separator: "\n").map { try LogRecord(String($0)) }
    }

    func string(_ name: String) -> String? { members[name] as? String }
    func number(_ name: String) -> Int? { members[name] as? Int }
    var message: String { string("message") ?? "" }
}

extension Connection {
    func number(_ statement: Statement) throws -> Int {
        var row = try query(statement).row(0)
        return try row.next()
    }

    func text(_ statement: Statement) throws -> String? {
        let rows = try query(statement)
        guard rows.rowCount > 0 else { return nil }
        var row = rows.row(0)
        return try row.next()
    }
}

/// Lines that were logged.
final class Lines: Sendable {
    private let stored = Mutex<[String]>([])
    var all: [String] { stored.withLock { $0 } }
    func add(_ line: String) { stored.withLock { $0.append(line) } }
}

/// Asks an installation in this process on a thread of one's own: a request that waits holds up no other test.
enum OwnThread {
    static func get(_ installation: Installation, _ path: String, region: String = "") async -> TestResponse {
        await timed(installation, path, region: region).response
    }

    /// The same, and how long it took on its thread, however long others then keep the test from going on.
    static func timed(
        _ installation: Installation, _ path: String, region: String = ""
    ) async -> (response: TestResponse, took: Duration) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                ThreadRunner.run {
                    let begin = ContinuousClock.now
                    let answer = await LocalLane(installation).answer([
                        ("REQUEST_METHOD", "GET"), ("REQUEST_URI", path), ("LYCEUM_REGION", region),
                    ])
                    let response = TestResponse(
                        status: answer.status, headers: answer.headers, body: answer.body)
                    continuation.resume(returning: (response, ContinuousClock.now - begin))
                }
            }
        }
    }
}

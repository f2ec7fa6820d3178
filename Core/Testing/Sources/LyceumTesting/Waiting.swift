internal import Foundation

/// Waits until something is so, looking again after 3 ms at first and after 20 ms in the end.
///
/// - Parameters:
///   - what: what is waited for, for the message.
///   - seconds: how long at most; generous, because it is only used up when the test fails.
/// - Throws: ``TooLate`` when it is not so in time, and whatever `isSo` throws.
public func waitUntil(_ what: String, within seconds: Double = 120, _ isSo: () async throws -> Bool) async throws {
    let deadline = Date().addingTimeInterval(seconds)
    var pause = 3.0
    while try await !isSo() {
        guard Date() < deadline else { throw TooLate(description: "waited \(Int(seconds)) s in vain: \(what)") }
        try await Task.sleep(for: .milliseconds(pause))
        pause = min(pause * 1.2, 20)
    }
}

/// Something that a test waited for did not happen in time.
public struct TooLate: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String
}

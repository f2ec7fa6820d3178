import Foundation
import Kernel
import Testing

/// Eight clients over kept connections, which send each thing once and never twice.
final class Load {
    private let child: Child
    private let output: String

    init(_ host: Host) throws {
        let program = host.directory + "/load"
        output = host.directory + "/load.said"
        let source = URL(filePath: #filePath).appending(path: "../../Serving/load.c").standardized
        let compiled = try Child.run("cc", ["-O2", "-pthread", "-o", program, source.path])
        try #require(compiled.status.success, "\(compiled.complaint)")
        child = try Child(
            program,
            [
                "-p", "/api/lending/loans", "-H", "Host: school.localhost", "-H", "Content-Type: application/json",
                "-b", #"{"item": "load %d"}"#, "-s", "204", "-t", "30", "\(host.port)", "400", "8",
            ], output: .file(output), errors: .file(output))
    }

    deinit { _ = child.stop(SIGKILL) }

    /// `ok N failed N aborted N worst S`, after a line for each of the first failures.
    var said: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    /// Fails if a request has failed so badly that the load has ended.
    func check() throws { try #require(child.status() == nil, "\(said)") }

    /// Ends it, and answers how many requests were answered.
    func end() throws -> Int {
        child.kill(SIGTERM)
        #expect(child.wait(atMost: .seconds(60)) == .exited(0), "\(said)")
        #expect(said.hasPrefix("ok ") && said.contains(" failed 0 aborted 0 "), "\(said)")
        let total = said.split(separator: "\n").last { $0.hasPrefix("ok ") }
        return try #require(total?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }
}

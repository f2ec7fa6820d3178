internal import Glibc
internal import JSON
internal import Lyceum

/// Answers requests in this process, without a web server: the same dispatch, for tests and for `lyceum bench`.
///
/// It is used by one task at a time, as a worker's lane is.
public final class LocalLane {
    /// An answer as it would go to the web server.
    public struct Answer: Sendable {
        /// The status code.
        public let status: Int
        /// The header fields, in their order.
        public let headers: [(name: String, value: String)]
        /// The body.
        public let body: [UInt8]
    }

    private let lane: RequestLane

    /// A lane of an installation.
    public init(_ installation: Installation) { lane = RequestLane(installation) }

    /// Answers one request, given as CGI parameters (`REQUEST_METHOD`, `REQUEST_URI`, `LYCEUM_REGION`, `HTTP_…`).
    public func answer(_ parameters: [(name: String, value: String)], body: [UInt8] = []) async -> Answer {
        var entries: [UnsafeMutablePointer<CChar>?] = parameters.map { strdup("\($0.name)=\($0.value)") }
        entries.append(nil)
        defer { for entry in entries { free(entry) } }
        let environment = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: entries.count)
        environment.initialize(from: entries, count: entries.count)
        defer { environment.deallocate() }
        await lane.respond(to: UnsafePointer(environment), body: body)
        var head: [UInt8] = []
        let isHead = lane.request.isMethod("HEAD")
        ResponseHead.write(lane.response, isHead: isHead, to: &head)
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let headers = lines.compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), line[line.index(after: colon)...].trimmingPrefix(" ").description)
        }
        return Answer(
            status: lane.response.status, headers: headers.filter { $0.name != "Status" },
            body: isHead ? [] : Array(lane.response.body.bytes))
    }
}

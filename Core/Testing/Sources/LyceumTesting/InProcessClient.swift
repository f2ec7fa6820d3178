internal import Foundation
public import Kernel
internal import Lyceum

/// Speaks to an installation in this process; as many requests at once as there are tasks.
public struct InProcessClient: TestClient {
    private let installation: Installation
    private let region: String

    /// Speaks to an installation that the test made itself, such as one that is configured differently.
    public init(_ installation: Installation, region: String) {
        (self.installation, self.region) = (installation, region)
    }

    /// Sends a request as nginx would pass it on.
    public func send(_ request: TestRequest) async throws -> TestResponse {
        // Only two passwords at a time are hashed in a process, and whoever waits for more than a second is told to come
        // again. Tests share their process with many others, so they do.
        for _ in 0..<100 {
            let answer = try await sendOnce(request)
            guard answer.status == 503,
                answer.text.contains("\"code\":\"busy\"") || answer.text.contains("Too much is going on"),
                request.target.contains("/accounts/")
            else { return answer }
            try await Task.sleep(for: .milliseconds(100))
        }
        return try await sendOnce(request)
    }

    private func sendOnce(_ request: TestRequest) async throws -> TestResponse {
        let target = request.target
        var parameters: [(name: String, value: String)] = [
            ("LYCEUM_REGION", region), ("REQUEST_METHOD", request.method), ("REQUEST_URI", target),
            ("HTTP_HOST", "\(region).localhost"), ("REMOTE_ADDR", "127.0.0.1"),
            ("REQUEST_ID", UUID().uuidString.lowercased().replacing("-", with: "")),
            ("CONTENT_LENGTH", String(request.body.count)),
        ]
        for (name, value) in request.headers {
            let name = name.uppercased().replacing("-", with: "_")
            parameters.append((name == "CONTENT_TYPE" ? name : "HTTP_" + name, value))
        }
        let answer = await LocalLane(installation).answer(parameters, body: request.body)
        return TestResponse(status: answer.status, headers: answer.headers, body: answer.body)
    }
}

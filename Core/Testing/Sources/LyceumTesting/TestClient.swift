internal import Foundation

/// A request of a test.
public struct TestRequest: Sendable {
    /// The method.
    public var method: String
    /// The path and query, percent-encoded.
    public var target: String
    /// Header fields.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: [UInt8]

    /// Describes a request.
    public init(
        _ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        (self.method, self.target, self.headers, self.body) = (method, target, headers, body)
    }
}

/// The answer to a ``TestRequest``.
public struct TestResponse: Sendable {
    /// The status code.
    public let status: Int
    /// Header fields, in their order.
    public let headers: [(name: String, value: String)]
    /// The body.
    public let body: [UInt8]

    /// Describes an answer.
    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The first header field of a name, whatever its case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.caseInsensitiveCompare(name) == .orderedSame }?.value
    }

    /// The body as a JSON value, by a path of keys and indices; nil where there is nothing.
    public func json(_ path: any Sendable...) -> Any? {
        var value = try? JSONSerialization.jsonObject(with: Data(body), options: .fragmentsAllowed)
        for step in path {
            if let key = step as? String { value = (value as? [String: Any])?[key] }
            if let index = step as? Int {
                let list = value as? [Any]
                value = list.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            }
        }
        return value
    }

    /// The value of a cookie that the answer sets.
    public func cookie(_ name: String) -> String? {
        for (field, value) in headers where field.caseInsensitiveCompare("Set-Cookie") == .orderedSame {
            guard value.hasPrefix(name + "=") else { continue }
            return String(value.dropFirst(name.count + 1).prefix { $0 != ";" })
        }
        return nil
    }

    /// The value of a hidden field of the page's first form that has it.
    public func hiddenField(_ name: String) -> String? {
        guard let start = text.range(of: "name=\"\(name)\" value=\"") else { return nil }
        return String(text[start.upperBound...].prefix { $0 != "\"" })
    }
}

/// Sends requests to an installation: in this process, or over HTTP through nginx.
public protocol TestClient: Sendable {
    /// Sends a request and waits for its answer.
    func send(_ request: TestRequest) async throws -> TestResponse
}

extension TestClient {
    /// Gets something.
    public func get(_ target: String, token: String? = nil, cookie: String? = nil) async throws -> TestResponse {
        try await send(TestRequest("GET", target, headers: credentials(token, cookie)))
    }

    /// Sends JSON.
    public func send(
        _ method: String, _ target: String, json: String, token: String? = nil
    ) async throws -> TestResponse {
        let headers = [("Content-Type", "application/json")] + credentials(token, nil)
        return try await send(TestRequest(method, target, headers: headers, body: Array(json.utf8)))
    }

    /// Sends a page's form.
    public func post(_ target: String, form: [(String, String)], cookie: String? = nil) async throws -> TestResponse {
        let body = form.map { "\($0.0.formEncoded)=\($0.1.formEncoded)" }.joined(separator: "&")
        let headers = [("Content-Type", "application/x-www-form-urlencoded")] + credentials(nil, cookie)
        return try await send(TestRequest("POST", target, headers: headers, body: Array(body.utf8)))
    }

    private func credentials(_ token: String?, _ cookie: String?) -> [(name: String, value: String)] {
        (token.map { [("Authorization", "Bearer \($0)")] } ?? []) + (cookie.map { [("Cookie", $0)] } ?? [])
    }
}

extension String {
    fileprivate var formEncoded: String {
        addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? self
    }
}

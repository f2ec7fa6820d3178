internal import JSON
internal import Lyceum
internal import PostgreSQL

/// Answers a request that carries an `Idempotency-Key` once: whoever sends it again, because the first answer got lost, is
/// given that answer again, and nothing else happens
/// (draft-ietf-httpapi-idempotency-key-header-07).
///
///     first   ──> done, and its answer kept, in one commit   (refused or broken off: nothing is kept)
///     again   ──> the same answer, with `Idempotency-Replayed: true`
///     twin    ──> waits until the first is done, then as again
///     same key, other request ──> 422 idempotency_key_reused
///
/// A key belongs to whoever is signed in; guests share theirs, and get an answer only for the very same request. The answer
/// is encrypted with the key, of which only a digest is stored: it may hold a token that nobody else may know.
struct OncePerKey {
    /// How long an answer is kept.
    static let days = 1

    private let key: [UInt8]
    private let request: [UInt8]
    private let secret: [UInt8]
    private let isPersonal: Bool

    init(_ request: Request, _ principal: Principal?) throws {
        guard let sent = request.parameters.idempotencyKey else { throw Problem.malformedKey }
        var text = String(cString: sent)
        // As a structured field (RFC 8941) it has quotes, as most people write it it has none.
        if text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") { text = String(text.dropFirst().dropLast()) }
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem.malformedKey
        }
        let who = principal.map { "\($0.id)" } ?? ""
        // None of the parts has a NUL, so these are told apart.
        key = Secrets.fingerprint("key\0\(who)\0\(text)")
        secret = Secrets.fingerprint("answer\0\(who)\0\(text)")
        var method = request.method?.rawValue ?? ""
        // The version that a change is meant for is a part of what is asked.
        var version = request.header("If-Match") ?? ""
        self.request = request.body.withUnsafeBufferPointer { body in
            method.withUTF8 { method in
                version.withUTF8 { version in
                    Secrets.digest(
                        [method, request.path, request.query, body] + (version.isEmpty ? [] : [version]))
                }
            }
        }
        isPersonal = principal != nil
    }

    /// Has a handler answer, or answers what it answered before.
    func answer(_ response: Response, _ database: Database, _ handle: () async throws -> Void) async throws {
        try await database.whole(
            first: { connection in
                // A twin waits here until the first is over.
                let made = try connection.run(
                    "insert into lyceum.answer (key, request) values (\(key), \(request)) on conflict (key) do nothing")
                if made == 0 { try replay(response, connection) }
                return made == 1
            },
            {
                // It may be the second attempt, after a conflict with somebody else.
                response.reset()
                response.isPersonal = isPersonal
                try await handle()
            },
            last: {
                let sealed = Secrets.seal(OncePerKey.pack(response), key: secret)
                return [
                    """
                    update lyceum.answer set status = \(Int16(response.status)), sealed = \(sealed) where key = \(key)
                    """
                ]
            })
    }

    private func replay(_ response: Response, _ connection: Connection) throws {
        let rows = try connection.query("select request, status, sealed from lyceum.answer where key = \(key)")
        // It can only have been forgotten this very moment.
        guard rows.rowCount == 1 else { throw Problem.busy }
        var row = rows.row(0)
        let (before, status, sealed): ([UInt8], Int16, [UInt8]) = (try row.next(), try row.next(), try row.next())
        guard before == request else { throw Problem.reusedKey }
        guard let bytes = Secrets.open(sealed, key: secret) else { throw Problem.internalError }
        OncePerKey.unpack(bytes, status: Int(status), response)
        response.isPersonal = isPersonal
        response.add(header: "Idempotency-Replayed", "true")
    }

    /// Whether it is JSON, the length of the header fields in four bytes, the header fields, the body.
    private static func pack(_ response: Response) -> [UInt8] {
        let count = UInt32(response.headers.count)
        let head = [response.contentType == nil ? 0 : 1] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        return head + response.headers + Array(response.body.bytes)
    }

    private static func unpack(_ bytes: [UInt8], status: Int, _ response: Response) {
        let count = (0..<4).reduce(0) { $0 | Int(bytes[1 + $1]) << (8 * $1) }
        response.replay(
            status: status, isJSON: bytes[0] == 1, headers: Array(bytes[5..<5 + count]),
            body: Array(bytes[(5 + count)...]))
    }

    /// Forgets the answers that are older than their time.
    static func forget(_ connection: Connection) throws {
        connection.role = nil
        try connection.run("delete from lyceum.answer where at < clock_timestamp() - \(days) * interval '1 day'")
    }
}

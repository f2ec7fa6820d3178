internal import Lyceum
internal import MediaContract
internal import PostgreSQL

/// Links that prove by themselves that they were given out, until some time; and tickets for uploads.
///
/// The proof is an HMAC (SHA-512/256) with the region's key, compared in constant time.
struct FileLinks {
    private let key: String

    init(_ database: Database) async throws {
        var row = try await database.query("select key from media.secret").row(0)
        key = try row.next()
    }

    init(_ transaction: borrowing Transaction) async throws {
        var row = try await transaction.query("select key from media.secret").row(0)
        key = try row.next()
    }

    private func signature(_ file: File.ID, _ until: Int64, _ width: Int?) -> String {
        Secrets.derive(key, for: "file\0\(file)\0\(until)\0\(width.map { "\($0)" } ?? "")")
    }

    /// The path of a link.
    func path(_ file: File.ID, width: Int?, until: Instant) -> String {
        let seconds = until.microseconds / 1_000_000
        return "/api/media/files/\(file)/content?until=\(seconds)" + (width.map { "&width=\($0)" } ?? "")
            + "&signature=\(signature(file, seconds, width))"
    }

    /// Whether a link was given out here and is still good.
    func isGood(_ file: File.ID, _ link: LinkQuery, now: Instant) -> Bool {
        guard let until = link.until, let sent = link.signature else { return false }
        return Secrets.equal(sent, signature(file, until, link.width)) && until * 1_000_000 > now.microseconds
    }

    /// What lets a page's script add to an upload, for as long as there is one.
    func ticket(_ upload: File.ID) -> String { Secrets.derive(key, for: "upload\0\(upload)") }

    /// Whether a ticket is that of an upload.
    func isTicket(_ sent: String, _ upload: File.ID) -> Bool { Secrets.equal(sent, ticket(upload)) }
}

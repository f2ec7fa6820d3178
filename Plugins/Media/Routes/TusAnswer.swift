internal import JSON
internal import Lyceum
internal import MediaContract

/// Answers of the tus protocol: what they have to say stands in header fields.
enum Tus {
    static let version = "1.0.0"

    /// What every answer has.
    static func mark(_ response: Response) {
        response.add(header: "Tus-Resumable", version)
        response.add(header: "Cache-Control", "no-store")
    }

    /// Does something for a client that must speak the protocol; what goes wrong has its header fields as well.
    static func serve<Outcome>(_ sent: String?, _ body: () async throws -> Outcome) async throws -> Outcome {
        do {
            guard sent == version else { throw MediaError.otherProtocol }
            return try await body()
        } catch let problem as Problem {
            throw problem.with(header: "Tus-Resumable", version)
        } catch let error as any PublicError {
            throw error.problem.with(header: "Tus-Resumable", version)
        }
    }
}

/// What the server can do (204).
struct TusOptions: Answer {
    let largest: Int64

    static func answer(_ book: Book) throws -> Schema? { nil }
    static var status: Int { 204 }

    func write(to response: Response) throws {
        try NoContent().write(to: response)
        response.add(header: "Allow", "POST, OPTIONS")
        response.add(header: "Tus-Resumable", Tus.version)
        response.add(header: "Tus-Version", Tus.version)
        response.add(header: "Tus-Extension", "creation,creation-with-upload,expiration,checksum,termination")
        response.add(header: "Tus-Checksum-Algorithm", "sha1,sha256")
        response.add(header: "Tus-Max-Size", "\(largest)")
    }
}

/// An upload was begun (201).
struct TusCreated: Answer {
    let upload: Upload

    static func answer(_ book: Book) throws -> Schema? { try book.schema(UploadView.self) }
    static var status: Int { 201 }

    func write(to response: Response) throws {
        Tus.mark(response)
        if !upload.isComplete { response.add(header: "Upload-Expires", HTTPDate.of(upload.expiresAt)) }
        response.add(header: "Upload-Offset", "\(upload.received)")
        try Created(UploadView(upload), at: "/api/media/uploads/\(upload.id)").write(to: response)
    }
}

/// How far an upload is.
struct TusState: Answer {
    let upload: Upload

    static func answer(_ book: Book) throws -> Schema? { try book.schema(UploadView.self) }

    func write(to response: Response) throws {
        Tus.mark(response)
        response.add(header: "Upload-Offset", "\(upload.received)")
        response.add(header: "Upload-Length", "\(upload.length)")
        if !upload.isComplete { response.add(header: "Upload-Expires", HTTPDate.of(upload.expiresAt)) }
        try UploadView(upload).write(to: response)
    }
}

/// A part was added, or the upload ended (204).
struct TusDone: Answer {
    /// How far it is; nil when it is no more.
    var upload: Upload?

    static func answer(_ book: Book) throws -> Schema? { nil }
    static var status: Int { 204 }

    func write(to response: Response) throws {
        try NoContent().write(to: response)
        Tus.mark(response)
        guard let upload else { return }
        response.add(header: "Upload-Offset", "\(upload.received)")
        if !upload.isComplete { response.add(header: "Upload-Expires", HTTPDate.of(upload.expiresAt)) }
    }
}

/// The form of moments in header fields (RFC 9110, section 5.6.7).
enum HTTPDate {
    static func of(_ instant: Instant) -> String {
        let text = instant.description
        let parts = text.split(whereSeparator: { "-T:.Z".contains($0) })
        guard parts.count >= 6, let month = Int(parts[1]) else { return text }
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day = instant.microseconds / 86_400_000_000
        return
            "\(days[Int((day % 7 + 7) % 7)]), \(parts[2]) \(months[month - 1]) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) GMT"
    }
}

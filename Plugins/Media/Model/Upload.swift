internal import AccountsContract
internal import Lyceum
internal import MediaContract

/// A file while it comes.
///
///     (none) ──created──▶ open ──parts──▶ complete ──its type is accepted──▶ a file
///                          │                 └──refused──▶ (none)
///                          └──ended, or nothing added for too long──▶ (none)
struct Upload: Sendable {
    var id: File.ID
    var person: Account.ID
    var kind: String
    /// The media types that its kind accepts.
    var types: [String]
    var name: String
    var length: Int64
    /// How much of it is here for good.
    var received: Int64
    /// What its digest goes on from.
    var digest: [UInt8]
    var expiresAt: Instant

    var isComplete: Bool { received == length }
}

/// An upload, for whoever asks how far it is.
struct UploadView: View, Documented {
    var id: File.ID
    var name: String
    var kind: String
    var length: Int64
    var received: Int64
    var expiresAt: Instant

    static let about = [
        "received": "How many bytes of it are here.", "expiresAt": "When it is given up if nothing comes.",
    ]

    init(_ upload: Upload) {
        (id, name, kind, length) = (upload.id, upload.name, upload.kind, upload.length)
        (received, expiresAt) = (upload.received, upload.expiresAt)
    }
}

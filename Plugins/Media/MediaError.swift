internal import Lyceum

/// What can go wrong with files, for the person it happens to.
enum MediaError: PublicError {
    /// The client does not speak version 1.0.0 of the tus protocol.
    case otherProtocol
    case wrongOffset(Int64)
    case checksumUnknown
    case checksumMismatch
    case beyondLength(Int64)
    case tooLarge(Int64)
    case expired
    case locked
    case noLength
    case badMetadata
    case notBytes
    case noSuchKind
    case typeRefused(String, accepted: [String])
    case personFull(Int64)
    case regionFull
    case badLink
    case belongsElsewhere
    case noStorage

    /// What a client sees.
    var problem: Problem {
        switch self {
        case .otherProtocol:
            Problem(
                status: 412, code: "media.other_protocol", title: "This address speaks tus 1.0.0.",
                detail: "Send Tus-Resumable: 1.0.0."
            ).with(header: "Tus-Version", "1.0.0")
        case .wrongOffset(let offset):
            Problem(
                status: 409, code: "media.wrong_offset", title: "The upload goes on at another place.",
                detail: "\(offset) bytes are here; send what follows them, and say so in Upload-Offset."
            ).with(header: "Upload-Offset", "\(offset)")
        case .checksumUnknown:
            Problem(
                status: 400, code: "media.checksum_unknown", title: "This checksum cannot be read.",
                detail: "Upload-Checksum is sha1 or sha256, a space, and the digest in base64.")
        case .checksumMismatch:
            Problem(
                status: 460, code: "media.checksum_mismatch", title: "What arrived is not what the checksum says.",
                detail: "Nothing of this part was kept. Send it again.")
        case .beyondLength(let length):
            Problem(
                status: 413, code: "media.beyond_length", title: "This is more than was announced.",
                detail: "The whole upload has \(length) bytes.")
        case .tooLarge(let most):
            Problem(
                status: 413, code: "media.too_large", title: "The file is too large.",
                detail: "It may have at most \(most) bytes here."
            ).with(["limit": "\(most)"])
        case .expired:
            Problem(
                status: 410, code: "media.upload_expired", title: "This upload was given up.",
                detail: "Nothing was added to it for too long. Begin it anew.")
        case .locked:
            Problem(
                status: 423, code: "media.upload_locked", title: "Another request adds to this upload right now.",
                detail: "Ask in a moment how much of it is here."
            ).with(header: "Retry-After", "1")
        case .noLength:
            Problem(
                status: 400, code: "media.no_length", title: "The length of the file is missing.",
                detail: "Say it in Upload-Length, in bytes.")
        case .badMetadata:
            Problem(
                status: 400, code: "media.bad_metadata", title: "The metadata cannot be read.",
                detail:
                    "Upload-Metadata is a list of names with values in base64; filename has at most 255 bytes of text.")
        case .notBytes:
            Problem(
                status: 415, code: "unsupported_media_type",
                title: "The body is of a media type that is not read here.",
                detail: "Send application/offset+octet-stream, and say so in Content-Type.")
        case .noSuchKind:
            Problem(
                status: 422, code: "media.no_such_kind", title: "Nothing here has files of this kind.",
                detail: "Leave kind out of the metadata for a file of your own.")
        case .typeRefused(let type, let accepted):
            Problem(
                status: 415, code: "media.type_refused", title: "Files of this type are not accepted here.",
                detail: "By its content this one is \(type). Accepted are \(accepted.joined(separator: ", "))."
            ).with(["type": type, "accepted": accepted.joined(separator: ", ")])
        case .personFull(let most):
            Problem(
                status: 413, code: "media.quota", title: "There is no room left for this file.",
                detail: "Your files may have \(most) bytes together. Remove some first."
            ).with(["limit": "\(most)"])
        case .regionFull:
            Problem(
                status: 507, code: "media.region_full", title: "There is no room left for this file.",
                detail: "The files of everybody here have all the room there is.")
        case .badLink:
            Problem(
                status: 403, code: "media.bad_link", title: "This link is not valid, or not any more.",
                detail: "Ask for a new one where you found it.")
        case .belongsElsewhere:
            Problem(
                status: 409, code: "media.belongs_elsewhere", title: "This file belongs to something else already.",
                detail: "Upload it once more, or take it away there first.")
        case .noStorage:
            Problem(
                status: 503, code: "media.no_storage", title: "No files can be kept here right now.",
                detail: "Nothing was changed. The operator finds the reason in the log.")
        }
    }
}

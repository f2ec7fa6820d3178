internal import Lyceum
internal import MediaContract
internal import PostgreSQL

/// How far the pictures of an image are.
enum Pictures: String, Codable, CaseIterable, SQLValue { case none, waiting, made, refused }

/// A file, for who brought it.
struct FileView: View, Documented {
    var id: File.ID
    var name: String
    var kind: String
    var type: String
    var size: Int64
    var sha256: String
    var pictures: Pictures
    var storedAt: Instant

    static let about = [
        "type": "Its media type, as its content shows it.", "size": "In bytes.",
        "sha256": "The digest of its content, in hex.",
        "pictures": "For an image, whether its smaller pictures are there, or cannot be made.",
    ]
}

/// Which part of a list is wanted.
struct FileFilter: Input {
    @Field("Where the last answer ended: its `next`.") var after: Cursor?
    @Field("How many.", .range(1...100)) var limit = 20
}

/// What a link to a file says.
struct LinkQuery: Input {
    @Field("Until when the link is good, in seconds since 1970.", .range(0...253_402_300_799)) var until: Int64?
    @Field("What proves that the link was given out here.", .length(1...100)) var signature: String?
    @Field("The width of the picture that is wanted of an image, in pixels.", .range(1...8_192)) var width: Int?
}

/// What is asked of a link.
struct LinkDraft: Input {
    @Field("For how many seconds it is to be good.", .range(1...604_800)) var seconds = 3_600
    @Field("The width of the picture that is wanted of an image, in pixels.", .range(1...8_192)) var width: Int?
}

/// A link that works without a session.
struct LinkView: View, Documented {
    var path: String
    var until: Instant

    static let about = ["path": "Where it leads to, on this host.", "until": "When it ceases to work."]
}

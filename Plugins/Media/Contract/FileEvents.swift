public import AccountsContract
public import Lyceum

/// A file is complete: its type is known, and its bytes are safe on the disk.
public struct FileStored: Event {
    /// `media.file.stored`.
    public static let name = "media.file.stored"

    /// The file.
    public var file: File.ID
    /// Who brought it.
    public var person: Account.ID
    /// What it is for.
    public var kind: String
    /// Its media type.
    public var type: String
    /// In bytes.
    public var size: Int64
    /// When it was complete.
    public var at: Instant

    /// What happens to one file stays in order.
    public var key: String { "\(file)" }

    /// States the fact.
    public init(file: File.ID, person: Account.ID, kind: String, type: String, size: Int64, at: Instant) {
        (self.file, self.person, self.kind) = (file, person, kind)
        (self.type, self.size, self.at) = (type, size, at)
    }
}

/// A file is gone for good.
public struct FileRemoved: Event {
    /// `media.file.removed`.
    public static let name = "media.file.removed"

    /// The file.
    public var file: File.ID
    /// What it was for.
    public var kind: String
    /// When.
    public var at: Instant

    /// What happens to one file stays in order.
    public var key: String { "\(file)" }

    /// States the fact.
    public init(file: File.ID, kind: String, at: Instant) { (self.file, self.kind, self.at) = (file, kind, at) }
}

/// The smaller pictures of an image were made, or it was found that none can be.
public struct PicturesMade: Event {
    /// `media.pictures.made`.
    public static let name = "media.pictures.made"

    /// The image.
    public var file: File.ID
    /// The widths, in pixels; empty where the image could not be read.
    public var widths: [Int]
    /// When.
    public var at: Instant

    /// What happens to one file stays in order.
    public var key: String { "\(file)" }

    /// States the fact.
    public init(file: File.ID, widths: [Int], at: Instant) { (self.file, self.widths, self.at) = (file, widths, at) }
}

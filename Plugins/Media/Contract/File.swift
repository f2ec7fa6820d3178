public import AccountsContract
public import Lyceum

/// Something that a person uploaded and that is kept.
public enum File {
    /// Names a file; while it is uploaded, the upload has the same id.
    public struct ID: Identifier {
        /// The id itself.
        public let raw: RawID

        /// Types an id.
        public init(_ raw: RawID) { self.raw = raw }
    }
}

/// What a file is for, and therefore what it may be.
///
/// The plugin that owns what files of a kind belong to says so, at ``CollectPoint/fileKinds``:
///
///     Collect(.fileKinds) { _, _ in [FileKind("courses.lecture", types: ["video/mp4"], largest: 4 << 30)] }
public struct FileKind: Sendable {
    /// `plugin.noun`: the plugin that decides about files of this kind, and what they belong to.
    public let id: String
    /// The media types that are accepted, as the content shows them; what a client says of it counts for nothing.
    public let types: [String]
    /// The largest file, in bytes; the region's own limit holds as well.
    public let largest: Int64

    /// Describes a kind.
    public init(_ id: String, types: [String], largest: Int64) {
        (self.id, self.types, self.largest) = (id, types, largest)
    }
}

/// Whose a file is: what a plugin calls it, and the id of that.
public struct FileOwner: Sendable, Hashable {
    /// A ``FileKind``'s id, such as `courses.lecture`.
    public let kind: String
    /// The id of the one that has it.
    public let id: RawID

    /// Names an owner.
    public init(_ kind: String, _ id: RawID) { (self.kind, self.id) = (kind, id) }
}

/// A file as other plugins see it.
public struct FileFacts: View {
    /// Its id.
    public var id: File.ID
    /// Who brought it.
    public var person: Account.ID
    /// What it is for.
    public var kind: String
    /// The id of what it belongs to; nil while it belongs to nothing.
    public var owner: RawID?
    /// What the person called it.
    public var name: String
    /// Its media type, as its content shows it.
    public var type: String
    /// In bytes.
    public var size: Int64

    /// Describes a file.
    public init(id: File.ID, person: Account.ID, kind: String, owner: RawID?, name: String, type: String, size: Int64) {
        (self.id, self.person, self.kind, self.owner) = (id, person, kind, owner)
        (self.name, self.type, self.size) = (name, type, size)
    }
}

public import Lyceum

/// Somebody wants to read a file.
public struct FileQuestion: Sendable {
    /// The file.
    public let file: FileFacts
    /// Who asks; nil is a guest.
    public let asker: Principal?

    /// Asks.
    public init(file: FileFacts, asker: Principal?) { (self.file, self.asker) = (file, asker) }
}

/// What a plugin says of who may read a file of its own kinds.
public enum FileVerdict: Sendable {
    /// They may.
    case allow
    /// They may not; one such answer outweighs every other.
    case refuse
}

/// Everybody is asked for the kinds of files that they have.
public struct FileKindQuestion: Sendable {
    /// Asks.
    public init() {}
}

extension CollectPoint where Question == FileQuestion, Item == FileVerdict {
    /// Asked before a file is sent to somebody who has no signed link.
    ///
    /// A plugin answers for the kinds that are its own, and
    /// nothing for others. Where nobody answers, who brought the file may read it, and whoever sees all files.
    public static var fileReading: CollectPoint { CollectPoint("media.reading", faults: .fail) }
}

extension CollectPoint where Question == FileKindQuestion, Item == FileKind {
    /// The kinds of files that there are in the region.
    public static var fileKinds: CollectPoint { CollectPoint("media.kinds", faults: .fail) }
}

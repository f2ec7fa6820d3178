/// Where the bytes of files are.
///
/// There is a row for every file; what a storage has beside those is nobody's, and is removed. Each call either has its effect
/// for good, also when the machine loses its power afterwards, or throws; and each may be made again.
public protocol FileStorage: Sendable {
    /// Opens what has been uploaded so far, or begins it, for one writer alone.
    ///
    /// - Throws: ``StorageBusy`` while somebody else has it, in whatever process. Whoever had it and died has it no more.
    func open(_ file: File.ID) throws -> any PartialFile

    /// Makes a file of what was uploaded; whoever may read files can read it from then on.
    func complete(_ file: File.ID) throws

    /// The path by which the system can read it: of the file, or of what was uploaded so far; nil where there is neither.
    func path(of file: File.ID) -> String?

    /// The path at which a smaller picture of the file is to be written, before ``complete(_:width:)``.
    func picturePath(of file: File.ID, width: Int) throws -> String

    /// Makes a picture of what was written.
    func complete(_ file: File.ID, width: Int) throws

    /// What a ``SentFile`` is told of a file, or of a picture of it.
    func address(of file: File.ID, width: Int?) -> String

    /// Forgets what was uploaded so far; a file is left alone.
    func discard(_ file: File.ID) throws

    /// Removes a file with all its pictures, or what was uploaded of it; nothing where there is nothing.
    func remove(_ file: File.ID) throws

    /// The files of which anything has lain here, unchanged, for longer than a time: some thousands at a time.
    ///
    /// - Parameter share: which part of the storage to look through, from 0 to 255.
    func old(_ age: Duration, share: Int) throws -> [File.ID]
}

/// A file that is being uploaded, for one writer alone until nobody refers to it.
public protocol PartialFile: AnyObject {
    /// How many bytes are there.
    var size: Int64 { get throws }
    /// Forgets what is there beyond a length.
    func cut(to length: Int64) throws
    /// Adds bytes at the end.
    func append(_ bytes: UnsafeRawBufferPointer) throws
    /// Waits until what is there would outlast a loss of power.
    func sync() throws
}

/// Somebody else writes the same file.
public struct StorageBusy: Error {
    /// Says so.
    public init() {}
}

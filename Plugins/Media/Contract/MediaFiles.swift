public import AccountsContract
public import Lyceum

/// What other plugins do with files.
///
///     try await transaction.using(.mediaFiles) { files, transaction in
///         _ = try await files.attach(file, to: FileOwner("courses.lecture", lecture.raw), by: author, transaction)
///     }
///
/// A file that belongs to nothing is removed after some hours, so a plugin attaches what it was told of in the same
/// transaction in which it notes it.
public protocol MediaFiles: Sendable {
    /// Gives a file an owner; again changes nothing.
    ///
    /// - Throws: a `Problem`: 404 for a file that is not of that kind, or that `person` did not bring; 409 for one that
    ///   belongs to something else.
    func attach(
        _ file: File.ID, to owner: FileOwner, by person: Account.ID, _ transaction: borrowing Transaction
    ) async throws -> FileFacts

    /// Takes a file from its owner; it is removed some hours later, unless somebody attaches it again.
    ///
    /// A file that is not the owner's is left alone.
    func detach(_ file: File.ID, from owner: FileOwner, _ transaction: borrowing Transaction) async throws

    /// The files of an owner, in the order in which they came.
    func files(of owner: FileOwner, _ transaction: borrowing Transaction) async throws -> [FileFacts]

    /// A path, beginning with `/`, at which whoever has it can read the file for a time, signed in or not.
    ///
    /// Whether they may is decided by who asks for the link. With a width, it leads to the smallest picture of an image that
    /// is at least so wide, or to the widest; without one, to the file as it was uploaded, with all that a camera noted in it.
    ///
    /// - Throws: a `Problem`, 404, for a file that does not exist.
    func link(
        _ file: File.ID, width: Int?, for duration: Duration, _ transaction: borrowing Transaction
    ) async throws -> String
}

extension Service where Value == any MediaFiles {
    /// The region's files.
    public static var mediaFiles: Service { Service("media.files") }
}

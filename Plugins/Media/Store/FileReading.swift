internal import AccountsContract
internal import Lyceum
internal import MediaContract

/// Who may read a file.
enum FileReading {
    /// The file, if whoever asks may read it.
    ///
    /// The plugins that own its kind decide; where none has anything to say, it is for who brought it and for those who see all
    /// files. What somebody may not see and what does not exist cannot be told apart.
    static func find(_ file: File.ID, _ context: borrowing Context) async throws -> FileFacts {
        guard let facts = try await FileStore.facts(file, context.database) else {
            throw context.principal == nil ? Problem.unauthenticated : .notFound
        }
        let verdicts = try await context.collect(.fileReading, FileQuestion(file: facts, asker: context.principal))
        let isRefused = verdicts.contains { if case .refuse = $0 { true } else { false } }
        let isAllowed =
            verdicts.isEmpty
            ? context.principal?.account == facts.person || context.may(.manageFiles) : true
        guard !isRefused, isAllowed else { throw context.principal == nil ? Problem.unauthenticated : .notFound }
        return facts
    }

    /// The answer with which nginx sends a file, or a picture of it.
    static func answer(_ file: FileFacts, width: Int?, _ context: borrowing Context, caching: String) async throws
        -> SentFile
    {
        let storage = try DirectoryStorage(context.region)
        if let width, Picture.types.contains(file.type) {
            guard let picture = try await FileStore.picture(file.id, width: width, context.database) else {
                throw Problem.notFound
            }
            return SentFile(
                context.region, storage.address(of: file.id, width: picture), type: "image/webp",
                name: file.name + ".webp", .inline, policy: nil, caching: caching)
        }
        let address = storage.address(of: file.id, width: nil)
        if Picture.types.contains(file.type) {
            return SentFile(
                context.region, address, type: file.type, name: file.name, .inline, policy: nil, caching: caching)
        }
        let isPlayed = file.type.hasPrefix("audio/") || file.type.hasPrefix("video/")
        return SentFile(
            context.region, address, type: file.type, name: file.name, isPlayed ? .inline : .attachment,
            caching: caching)
    }
}

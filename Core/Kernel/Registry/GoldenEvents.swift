public import Lyceum

/// Holds what a plugin emits and hears against golden files, so that no change of an event goes unnoticed that old events in
/// the log or listeners of others could not live with.
///
/// It reads and writes no files; LyceumTesting's `checkGoldenEvents` does, and is the line that a plugin's tests have.
public struct GoldenEvents: Sendable {
    private let plugin: KnownPlugin
    private let settings: String

    /// Looks at a plugin.
    ///
    /// - Parameter settings: as JSON, for a plugin that has settings without a default.
    public init(_ plugin: any Plugin.Type, settings: String = "{}") {
        (self.plugin, self.settings) = (KnownPlugin(plugin), settings)
    }

    /// What was found.
    public struct Review: Sendable {
        /// What breaks somebody, a sentence each.
        public var faults: [String] = []
        /// Files that are missing.
        public var missing: [GoldenFile] = []
        /// Files that lack what was added since; nothing breaks, but what was added is not held fast yet.
        public var grown: [GoldenFile] = []
    }

    /// Compares.
    ///
    /// - Parameters:
    ///   - own: the texts of the files beside the plugin, by their names.
    ///   - others: the texts of the files of plugins whose events this one hears.
    /// - Throws: an error where a type of the plugin cannot be described, or its settings do not fit.
    public func review(own: [String: String], others: [String] = []) throws -> Review {
        var review = Review()
        var files: [GoldenFile] = []
        for (name, text) in own.sorted(by: { $0.key < $1.key }) {
            do {
                let file = try GoldenFile(text: text)
                if file.name != name { review.faults.append("\(name) is the file of \(file.event) v\(file.major)") }
                files.append(file)
            } catch { review.faults.append("\(name) cannot be read: \(error)") }
        }
        let emitted = plugin.declarations.compactMap { $0 as? Emits }
        var broken: Set<String> = []
        for event in emitted {
            let known = files.first { $0.event == event.name && $0.major == event.major }
            guard let known else {
                // A file that cannot be read has been complained of.
                if own["\(event.name).\(event.major).json"] == nil { review.missing.append(try Self.file(event)) }
                continue
            }
            let before = review.faults.count
            try compare(event, known, &review)
            if review.faults.count > before { broken.insert(event.id) }
        }
        for file in files where !emitted.contains(where: { $0.name == file.event }) {
            review.faults.append(
                """
                \(file.event) v\(file.major) is not declared any more, and who listens to it would wait in vain; declare it, \
                or delete \(file.name) once no listener can be left
                """)
        }
        files.removeAll { broken.contains("\($0.event) v\($0.major)") }
        for text in others { files.append(try GoldenFile(text: text)) }
        try hear(files, &review)
        return review
    }

    /// What an event is now.
    private static func file(_ event: Emits) throws -> GoldenFile {
        let book = Book()
        let fields = Golden.lines(try event.describe(book))
        let sample = try event.sample(book)
        do { try event.check(book, sample) } catch {
            throw RegistryError("\(event.id) cannot be read as it is written, such as \(sample): \(error)")
        }
        return GoldenFile(event: event.name, major: event.major, fields: fields, payloads: [sample])
    }

    private func compare(_ event: Emits, _ known: GoldenFile, _ review: inout Review) throws {
        let now = try Self.file(event)
        let verdicts = Golden.compare(known.fields, now.fields)
        let breaking = verdicts.filter { $0.verdict == .breaking }
        for (_, sentence) in breaking {
            review.faults.append(
                """
                \(event.id): \(sentence). That needs a new major version: leave this event as it is, and declare another \
                with static let major = \(event.major + 1) beside it
                """)
        }
        guard breaking.isEmpty else { return }
        for payload in known.payloads {
            do { try event.check(Book(), payload) } catch {
                review.faults.append("\(event.id): an event as it lies in the log can no longer be read: \(error)")
            }
        }
        if !verdicts.isEmpty {
            review.grown.append(
                GoldenFile(
                    event: known.event, major: known.major, fields: now.fields,
                    payloads: known.payloads + now.payloads.filter { !known.payloads.contains($0) }))
        }
    }

    /// Whether the plugin's listeners can read every event that ever was.
    private func hear(_ files: [GoldenFile], _ review: inout Review) throws {
        for case let listener as Listener in try plugin.contributions(settings: settings, Book()) {
            let prepared = try listener.prepare(Book())
            for file in files where file.event == listener.topic && file.major == listener.major {
                for payload in file.payloads {
                    do { try prepared.check(payload) } catch {
                        review.faults.append(
                            """
                            the listener \(plugin.id).\(listener.id) cannot read \(file.event) v\(file.major) as it lies in \
                            the log: \(error)
                            """)
                    }
                }
            }
        }
    }
}

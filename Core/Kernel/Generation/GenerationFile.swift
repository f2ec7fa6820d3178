internal import Glibc
internal import JSON
internal import Lyceum

/// A generation as it lies on disk: a directory with `generation.json`, which is never changed once it has its name.
public enum GenerationFile {
    /// The name of the file within the directory.
    public static let name = "generation.json"

    // Once for each process: what was described is never freed, and a supervisor reads every generation.
    private static let schema = Result { try Book().object(Generation.self) }

    /// Reads the generation of a directory.
    ///
    /// - Throws: a sentence that names the file.
    public static func read(directory: String) throws -> Generation {
        let path = directory + "/" + name
        let bytes = try contents(of: path)
        do {
            return try InputReader.json(Generation.self, bytes, try schema.get(), limits: JSONLimits(bytes: .max))
        } catch let faults as Faults {
            throw GenerationError(
                "\(path) is not a generation: "
                    + faults.list.map { "\($0.pointer) \($0.sentence)" }.joined(separator: "; "))
        }
    }

    /// Writes a generation's file into a directory that exists.
    public static func write(_ generation: Generation, directory: String) throws {
        let out = JSONWriter()
        GenerationFile.write(generation, to: out)
        try write(UnsafeRawBufferPointer(out.bytes), path: directory + "/" + name)
    }

    /// Writes a file that nobody else may read, and that is never written again.
    static func write(_ bytes: UnsafeRawBufferPointer, path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw GenerationError("\(path) cannot be made: \(reason())") }
        defer { close(file) }
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let count = Glibc.write(file, start, rest.count)
            guard count > 0 else { throw GenerationError("\(path) cannot be written: \(reason())") }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
        guard fsync(file) == 0 else { throw GenerationError("\(path) cannot be written: \(reason())") }
    }

    private static func write(_ generation: Generation, to out: JSONWriter) {
        out.openObject()
        out.key("revision")
        out.int(Int64(generation.revision))
        if let restored = generation.restored {
            out.key("restored")
            out.int(Int64(restored))
        }
        out.key("workers")
        out.int(Int64(generation.workers))
        out.key("development")
        out.bool(generation.development)
        out.key("refreshes")
        out.bool(generation.refreshes)
        if let form = generation.log { text("log", form.rawValue, out) }
        text("files", generation.files, out)
        out.key("limits")
        write(generation.limits, to: out)
        out.key("libraries")
        list(generation.libraries, out) { library in
            text("id", library.id, out)
            text("path", library.path, out)
        }
        out.key("regions")
        list(generation.regions, out) { region in
            text("id", region.id, out)
            text("title", region.title, out)
            text("about", region.about, out)
            text("locale", region.locale, out)
            text("currency", region.currency.code, out)
            text("timeZone", region.timeZone, out)
            out.key("countries")
            out.openList()
            for country in region.countries {
                out.comma()
                out.string(country)
            }
            out.closeList()
            text("home", region.home, out)
            text("database", region.database, out)
            text("databaseName", region.databaseName, out)
            out.key("revision")
            out.int(Int64(region.revision))
            out.key("api")
            write(region.api, to: out)
            out.key("templates")
            list(region.templates, out) { write($0, out) }
            out.key("words")
            list(region.words, out) { write($0, out) }
            out.key("plugins")
            list(region.plugins, out) { plugin in
                text("id", plugin.id, out)
                text("settings", plugin.settings, out)
                out.key("isDraining")
                out.bool(plugin.isDraining)
            }
            out.key("failed")
            list(region.failed, out) { plugin in
                text("id", plugin.id, out)
                text("reason", plugin.reason, out)
            }
        }
        out.closeObject()
    }

    private static func write(_ template: OwnTemplate, _ out: JSONWriter) {
        text("name", template.name, out)
        text("file", template.file, out)
        text("text", template.text, out)
    }

    private static func write(_ words: OwnWords, _ out: JSONWriter) {
        text("locale", words.locale, out)
        text("key", words.key, out)
        text("text", words.text, out)
        text("file", words.file, out)
        out.key("line")
        out.int(Int64(words.line))
    }

    /// Why a region's own templates and words cannot be read again as they would be written: a generation that has one of these
    /// would be none.
    static func unreadable(_ templates: [OwnTemplate], _ words: [OwnWords]) throws -> [TemplateError] {
        let book = Book()
        func faults<Item: Input>(_ item: Item, _ schema: ObjectSchema, _ members: (JSONWriter) -> Void) throws
            -> [Fault]
        {
            let out = JSONWriter()
            out.openObject()
            members(out)
            out.closeObject()
            do {
                _ = try InputReader.json(Item.self, Array(out.bytes), schema, limits: JSONLimits(bytes: .max))
                return []
            } catch let faults as Faults { return faults.list }
        }
        let (template, line) = (try book.object(OwnTemplate.self), try book.object(OwnWords.self))
        return try templates.compactMap { one in
            try faults(one, template) { write(one, $0) }.first.map {
                TemplateError(
                    file: one.file, line: 0, message: "the template's \($0.pointer.dropFirst()) \($0.sentence)")
            }
        }
            + words.compactMap { one in
                try faults(one, line) { write(one, $0) }.first.map {
                    TemplateError(
                        file: one.file, line: one.line,
                        message: "the \($0.pointer.dropFirst()) of '\(one.key)' \($0.sentence)")
                }
            }
    }

    private static func write(_ api: APISettings, to out: JSONWriter) {
        out.openObject()
        out.key("origins")
        out.openList()
        for origin in api.origins {
            out.comma()
            out.string(origin)
        }
        out.closeList()
        out.key("limits")
        list(api.limits, out) { limit in
            text("name", limit.name, out)
            out.key("requests")
            out.int(Int64(limit.requests))
            out.key("seconds")
            out.int(Int64(limit.seconds))
        }
        out.closeObject()
    }

    private static func write(_ limits: Generation.Limits, to out: JSONWriter) {
        out.openObject()
        for (name, number) in limits.all {
            out.key(name)
            out.int(Int64(number))
        }
        out.closeObject()
    }

    private static func list<Item>(_ items: [Item], _ out: JSONWriter, _ members: (Item) -> Void) {
        out.openList()
        for item in items {
            out.comma()
            out.openObject()
            members(item)
            out.closeObject()
        }
        out.closeList()
    }

    private static func text(_ name: StaticString, _ value: String, _ out: JSONWriter) {
        out.key(name)
        out.string(value)
    }

    static func contents(of path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw GenerationError("\(path) cannot be read: \(reason())") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count >= 0 else { throw GenerationError("\(path) cannot be read: \(reason())") }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    private static func reason() -> String { strerror(errno).map { String(cString: $0) } ?? "error \(errno)" }
}

/// Why a generation cannot be read or written, in a sentence that names the file.
public struct GenerationError: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) { self.description = description }
}

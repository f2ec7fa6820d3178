internal import Foundation
internal import Kernel
internal import Yams

/// What a region has of its own beside its configuration: templates and words in the place of its plugins'.
///
///     Config/regions/academy/templates/courses.catalogue.mustache
///     Config/regions/academy/words/de.yaml
///
/// Nothing of it keeps a region from being served: what is wrong is refused, and the plugins' own stays.
struct RegionFiles {
    /// The templates, by name.
    private(set) var templates: [OwnTemplate] = []
    /// The words, file by file and line by line.
    private(set) var words: [OwnWords] = []
    /// What cannot be read.
    private(set) var refused: [ConfigurationProblem] = []

    /// The largest file, in bytes: a page is a few thousand.
    private static let largest = 262_144

    /// Nothing.
    init() {}

    /// Reads a region's directory.
    init(_ directory: String, shown: String) {
        for name in names(of: directory, shown) {
            switch name {
            case "templates": readTemplates(directory + "/" + name, shown + "/" + name)
            case "words": readWords(directory + "/" + name, shown + "/" + name)
            default: refuse(shown + "/" + name, "a region has the directories templates and words of its own, no other")
            }
        }
    }

    private mutating func refuse(_ file: String, line: Int? = nil, _ sentence: String) {
        refused.append(ConfigurationProblem(file: file, line: line, sentence: sentence))
    }

    /// What is in a directory, without what editors put there.
    private mutating func names(of directory: String, _ shown: String) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
                .filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") && !$0.hasSuffix(".swp") }
        } catch {
            refuse(shown, "this must be a directory that can be read: \(unreadable(directory) ?? reason(error))")
            return []
        }
    }

    private mutating func readTemplates(_ directory: String, _ shown: String) {
        for name in names(of: directory, shown) {
            let file = shown + "/" + name
            guard name.hasSuffix(".mustache") else {
                refuse(
                    file, "a template of the region's own is called as the plugin's, such as courses.course.mustache")
                continue
            }
            guard let text = text(directory + "/" + name, file) else { continue }
            templates.append(OwnTemplate(name: String(name.dropLast(9)), file: file, text: text))
        }
    }

    private mutating func text(_ path: String, _ file: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else {
            refuse(file, "the file cannot be read: \(unreadable(path) ?? "it is no file")")
            return nil
        }
        guard data.count <= Self.largest else {
            refuse(file, "the file has \(data.count) bytes; at most \(Self.largest) are accepted")
            return nil
        }
        guard let text = String(data: data, encoding: .utf8) else {
            refuse(file, "the file is not UTF-8")
            return nil
        }
        // Of scalars, because a carriage return with a line feed is one character.
        for (index, line) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where line.contains(where: Self.isHidden) {
            refuse(
                file, line: index + 1,
                "there is a control character here, or one that turns the direction of what follows; remove it")
            return nil
        }
        return text
    }

    /// What no text that is stored may contain.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 9, 13: false
        case 0..<32, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private mutating func readWords(_ directory: String, _ shown: String) {
        for name in names(of: directory, shown) {
            let file = shown + "/" + name
            let locale = String(name.dropLast(5))
            guard name.hasSuffix(".yaml"), ConfigurationFiles.isLanguage(locale) else {
                refuse(file, "words of the region's own are in files that are called as a language, such as de.yaml")
                continue
            }
            guard text(directory + "/" + name, file) != nil else { continue }
            do {
                let yaml = try YAMLFile(directory + "/" + name, shown: file)
                for (key, value) in yaml.root.mapping ?? Node.Mapping([]) {
                    let line = key.mark?.line ?? 0
                    guard let name = key.scalar?.string, let text = value.scalar?.string, !text.isEmpty else {
                        refuse(
                            file, line: line,
                            "each line is a key and its words, such as `courses.nav.catalogue: Our courses`")
                        continue
                    }
                    words.append(OwnWords(locale: locale, key: name, text: text, file: file, line: line))
                }
            } catch { refused.append(error) }
        }
    }
}

internal import Foundation
internal import Kernel
internal import Lyceum
internal import Yams

/// The configuration as its files say it, each value checked by itself; what it means together is for ``Resolution``.
struct Configuration {
    /// The directory of lyceum.yaml.
    let directory: String
    /// What lyceum.yaml says.
    let installation: ConfigurationFiles.Installation
    /// Plugins of third parties, by id, with absolute paths.
    let libraries: [Generation.Library]
    /// The regions, by name.
    let regions: [Region]
    let file: YAMLFile

    /// One region.
    struct Region {
        let id: String
        let file: YAMLFile
        let values: ConfigurationFiles.Region
        /// The plugins that the file lists, with their settings as JSON.
        let plugins: [Generation.PluginEntry]
        /// Its own templates and words.
        let own: RegionFiles
    }

    /// Reads everything.
    ///
    /// - Throws: ``ConfigurationProblems`` with all that is wrong.
    init(directory: String) throws(ConfigurationProblems) {
        var problems: [ConfigurationProblem] = []
        self.directory = directory
        let shown = ShownPath(directory)
        let main = Configuration.main(directory, shown, &problems)
        let regions = Configuration.regions(directory, shown, &problems)
        guard problems.isEmpty, let (file, values, libraries) = main else {
            throw ConfigurationProblems(list: problems)
        }
        (self.file, installation, self.libraries, self.regions) = (file, values, libraries, regions)
    }

    private static func main(
        _ directory: String, _ shown: ShownPath, _ problems: inout [ConfigurationProblem]
    ) -> (YAMLFile, ConfigurationFiles.Installation, [Generation.Library])? {
        do {
            let file = try YAMLFile(directory + "/lyceum.yaml", shown: shown("lyceum.yaml"))
            let values = try read(ConfigurationFiles.Installation.self, file, replacing: "libraries", &problems)
            let libraries = free(file, "libraries", "libraries:\n  noticeboard: plugins/libNoticeboard.so", &problems)
            let entries = libraries.compactMap { id, node -> Generation.Library? in
                guard let path = node.scalar?.string, !path.isEmpty else {
                    problems.append(file.problem("must be the path of the plugin's .so", at: "/libraries/\(id)"))
                    return nil
                }
                return Generation.Library(id: id, path: path.hasPrefix("/") ? path : absolute(directory) + "/" + path)
            }
            return values.map { (file, $0, entries) }
        } catch {
            problems.append(error)
            return nil
        }
    }

    private static func regions(
        _ directory: String, _ shown: ShownPath, _ problems: inout [ConfigurationProblem]
    ) -> [Region] {
        let folder = directory + "/regions"
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
            problems.append(
                ConfigurationProblem(
                    file: shown("regions"), line: nil,
                    sentence: "the directory of regions cannot be read: \(unreadable(folder) ?? reason(error))"))
            return []
        }
        var regions: [Region] = []
        for name in names where !name.hasPrefix(".") && !name.hasSuffix("~") {
            func refuse(_ sentence: String) {
                problems.append(ConfigurationProblem(file: shown("regions/" + name), line: nil, sentence: sentence))
            }
            if !name.hasSuffix(".yaml"), isDirectory(folder + "/" + name) {
                if !names.contains(name + ".yaml") {
                    refuse(
                        "the directory belongs to no region, because there is no \(name).yaml; rename it, or remove it")
                }
                continue
            }
            guard name.hasSuffix(".yaml") else {
                refuse("regions are files that end in .yaml; rename this one, or move it elsewhere")
                continue
            }
            let id = String(name.dropLast(5))
            guard isName(id) else {
                refuse(
                    "a region's name is up to 40 small letters, digits and hyphens, beginning with a letter; rename the file"
                )
                continue
            }
            do {
                let file = try YAMLFile(folder + "/" + name, shown: shown("regions/" + name))
                let values = try read(ConfigurationFiles.Region.self, file, replacing: "plugins", &problems)
                let plugins = free(file, "plugins", "plugins:\n  accounts:", &problems).compactMap { id, node in
                    plugin(id, node, file, &problems)
                }
                let own =
                    names.contains(id) ? RegionFiles(folder + "/" + id, shown: shown("regions/" + id)) : RegionFiles()
                if let values {
                    regions.append(Region(id: id, file: file, values: values, plugins: plugins, own: own))
                }
            } catch {
                problems.append(error)
            }
        }
        if regions.isEmpty, problems.isEmpty {
            problems.append(
                ConfigurationProblem(
                    file: shown("regions"), line: nil, sentence: "there is no region; write one, such as academy.yaml"))
        }
        return regions
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory = ObjCBool(false)
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    private static func plugin(
        _ id: String, _ node: Node, _ file: YAMLFile, _ problems: inout [ConfigurationProblem]
    ) -> Generation.PluginEntry? {
        if node.isBlank { return Generation.PluginEntry(id: id) }
        guard node.mapping != nil else {
            problems.append(file.problem("must be empty or a mapping of the plugin's settings", at: "/plugins/\(id)"))
            return nil
        }
        return Generation.PluginEntry(id: id, settings: node.json())
    }

    /// Checks the keys that have fixed names.
    private static func read<I: Input>(
        _ type: I.Type, _ file: YAMLFile, replacing: String, _ problems: inout [ConfigurationProblem]
    ) throws(ConfigurationProblem) -> I? {
        do {
            let text = file.root.mapping == nil ? "{}" : file.root.json(replacing: [replacing])
            return try InputReader.json(type, Array(text.utf8), try Book().object(type))
        } catch let faults as Faults {
            problems += file.problems(faults.list)
            return nil
        } catch {
            throw ConfigurationProblem(file: file.shown, line: nil, sentence: "\(error)")
        }
    }

    /// The pairs of a mapping by free names.
    private static func free(
        _ file: YAMLFile, _ key: String, _ example: String, _ problems: inout [ConfigurationProblem]
    ) -> [(String, Node)] {
        guard let node = file[key], !node.isBlank else { return [] }
        // Anything else has been refused already: a list of names is the one other thing that its check lets pass.
        guard let mapping = node.mapping else {
            if node.sequence != nil {
                problems.append(file.problem("must be a mapping: `\(example)`, not a list", at: "/" + key))
            }
            return []
        }
        return mapping.map { ($0.key.scalar?.string ?? "", $0.value) }
    }

    /// Whether a text can be a region's name: it becomes a part of host names and database names.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first), text.utf8.count <= 40, !text.hasSuffix("-")
        else {
            return false
        }
        return text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }
}

/// Paths below a directory as people are to see them: short where that is clear.
struct ShownPath {
    private let directory: String

    init(_ directory: String) {
        let here = FileManager.default.currentDirectoryPath
        let full = absolute(directory)
        // A copy of the configuration in the state directory is a checkout's own: both call it Config.
        let bases = [here, ProcessInfo.processInfo.environment["LYCEUM_STATE"].map(absolute)].compactMap { $0 }
        let base = bases.first { full.hasPrefix($0 + "/") }
        self.directory = base.map { String(full.dropFirst($0.utf8.count + 1)) } ?? full
    }

    func callAsFunction(_ name: String) -> String { directory + "/" + name }
}

/// A path from the root; nothing is resolved.
func absolute(_ path: String) -> String {
    let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    return URL(fileURLWithPath: full).standardized.path
}

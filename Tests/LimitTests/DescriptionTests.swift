import Foundation
import Kernel
import Testing

@Suite("Every limit")
struct DescriptionTests {
    /// The repository's directory.
    private static let root = URL(filePath: #filePath).appending(path: "../../..").standardized

    /// The names of all limits, whatever their types.
    private static var names: [String] {
        Mirror(reflecting: Generation.Limits()).children.compactMap { $0.label.map { String($0.drop { $0 == "_" }) } }
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
    }

    @Test("stands in Config/lyceum.yaml with its range, and with its default")
    func configuration() throws {
        let lines = try text("Config/lyceum.yaml").split(separator: "\n").map(String.init)
        #expect(Self.names.count > 15)
        for name in Self.names {
            let places = lines.indices.filter {
                lines[$0].hasPrefix("  \(name): ") || lines[$0].hasPrefix("  # \(name): ")
            }
            let place = try #require(places.first, "\(name) is missing")
            #expect(places.count == 1, "\(name) stands there twice")
            // The comment above it: the lines that begin with #, up to the next key.
            let comment = lines[..<place].reversed().prefix { $0.hasPrefix("  # ") && !$0.contains(/^  # \w+: \d+$/) }
            #expect(comment.contains { $0.contains(/[Ff]rom \d+ to (\d+|threads)/) }, "\(name) has no range")
        }
    }

    @Test("has the default that Config/lyceum.yaml shows")
    func defaults() throws {
        let yaml = try text("Config/lyceum.yaml")
        for child in Mirror(reflecting: Generation.Limits()).children {
            guard let label = child.label else { continue }
            let name = label.drop { $0 == "_" }
            // A field's wrapper describes itself by its value, which a default is.
            let value = Mirror(reflecting: child.value).children.lazy.compactMap { $0.value as? Int }.first
            guard let value else { continue }
            #expect(yaml.contains("  \(name): \(value)\n"), "\(name) is \(value)")
        }
    }

    @Test("stands in docs/limits.md")
    func page() throws {
        let page = try text("docs/limits.md")
        for name in Self.names { #expect(page.contains("| `\(name)` |"), "\(name) is missing") }
    }

    @Test("is what a process is told: all of it survives the file of a generation")
    func file() throws {
        let directory = NSTemporaryDirectory() + "limits-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let generation = Generation()
        try GenerationFile.write(generation, directory: directory)
        let written = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: directory + "/" + GenerationFile.name)))
        let limits = try #require((written as? [String: Any])?["limits"] as? [String: Any])
        // Those that may be left out are written only where they are said.
        #expect(Set(Self.names) == Set(limits.keys).union(["regionThreads", "deadDays"]))
        var bounded = generation
        (bounded.limits.regionThreads, bounded.limits.deadDays) = (3, 7)
        try FileManager.default.removeItem(atPath: directory + "/" + GenerationFile.name)
        try GenerationFile.write(bounded, directory: directory)
        #expect(try GenerationFile.read(directory: directory).limits.regionThreads == 3)
        #expect(try GenerationFile.read(directory: directory).limits.deadDays == 7)
    }
}

internal import Foundation
internal import Kernel
public import Lyceum

/// Compares the events of a plugin with the golden files beside it; a line that every plugin's tests have.
///
///     @Test("its events stay readable") func golden() throws { try checkGoldenEvents(CoursesPlugin.self, in: "../Golden") }
///
/// A missing file fails, as does a field that was removed, renamed, made required or given another type; the sentence names it.
/// An optional field may be added. Every event in a file must be readable by the plugin's listeners as it is. With
/// `LYCEUM_RECORD_GOLDEN=1` in the environment, missing files are written, and those that lack what was added are brought up
/// to date, which holds it fast from then on.
///
/// - Parameters:
///   - directory: where the files are, relative to the test's own file unless it begins with a slash.
///   - others: the same of plugins whose events this one hears.
///   - settings: as JSON, for a plugin that has settings without a default.
///   - recording: whether files are written; nil: as the environment says.
/// - Throws: ``GoldenMismatch`` with all that is wrong.
public func checkGoldenEvents(
    _ plugin: any Plugin.Type, in directory: String, hearing others: [String] = [], settings: String = "{}",
    recording: Bool? = nil, from file: String = #filePath
) throws {
    let isRecording = recording ?? (ProcessInfo.processInfo.environment["LYCEUM_RECORD_GOLDEN"] == "1")
    let base = URL(filePath: file).deletingLastPathComponent()
    let directory = URL(filePath: directory, relativeTo: base)
    func files(_ folder: URL) throws -> [String: String] {
        // A plugin that emits nothing has no folder.
        guard FileManager.default.fileExists(atPath: folder.path) else { return [:] }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
        let texts = try names.map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
        return Dictionary(uniqueKeysWithValues: zip(names, texts))
    }
    let heard = try others.flatMap { other in
        let folder = URL(filePath: other, relativeTo: base)
        let found = try files(folder)
        if found.isEmpty, !isRecording {
            throw GoldenMismatch(sentences: ["there are no golden files in \(folder.path)"])
        }
        return found.values
    }
    let review = try GoldenEvents(plugin, settings: settings).review(own: try files(directory), others: heard)
    var sentences = review.faults
    if isRecording {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for file in review.missing + review.grown {
            try file.text.write(to: directory.appending(path: file.name), atomically: true, encoding: .utf8)
        }
    } else {
        sentences += review.missing.map { file in
            """
            \(directory.appending(path: file.name).path) is missing; run this test once with LYCEUM_RECORD_GOLDEN=1 in the \
            environment, which writes it, and commit it
            """
        }
    }
    guard sentences.isEmpty else { throw GoldenMismatch(sentences: sentences) }
}

/// What breaks somebody about the events of a plugin.
public struct GoldenMismatch: Error, CustomStringConvertible {
    /// A sentence for each.
    public let sentences: [String]

    /// The sentences, a line each.
    public var description: String { sentences.joined(separator: "\n") }
}

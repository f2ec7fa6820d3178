import Foundation

/// The example of a third party's plugin, built as its author builds it: on its own, in its own folder.
enum Noticeboard {
    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// The library; built once for all tests.
    static func library() throws -> String { try built.get() }

    private static let built = Result {
        let package = repository + "/Examples/Noticeboard"
        // A folder of its own, so that neither an author's build nor this one waits for the other.
        let scratch = package + "/.build-tests"
        // SwiftPM sees new files of a nested package only when the manifest is younger than its plan.
        try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: package + "/Package.swift")
        try Command.run(
            ["swift", "build", "-c", "debug", "--package-path", package, "--scratch-path", scratch], seconds: 900)
        let library = scratch + "/debug/libNoticeboard.so"
        // Under a umask of 002 the build's files can be changed by the group, and the loader says so.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: library)
        return library
    }
}

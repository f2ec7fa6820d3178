import Foundation
import Glibc
import Lyceum

/// Where a test makes the files that it lets the loader look at; gone when the test has ended.
final class Workshop {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/lyceum-loader-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A copy of a library, after a change of its bytes.
    func altered(_ library: String, _ change: (inout Data) throws -> Void = { _ in }) throws -> String {
        var bytes = try Data(contentsOf: URL(filePath: library))
        try change(&bytes)
        return try file("libAltered.so", bytes)
    }

    /// A file that only its owner may change.
    func file(_ name: String, _ bytes: Data) throws -> String {
        let path = folder + "/" + name
        try bytes.write(to: URL(filePath: path))
        try permit(path, 0o755)
        return path
    }

    func permit(_ path: String, _ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// A library in C whose constructor leaves a mark, as proof that code of it ran.
    ///
    /// - Parameters:
    ///   - record: The text that stands where a plugin's record does; nil for none.
    ///   - code: What else it has.
    func library(record: String?, code: String = "") throws -> (path: String, mark: Mark) {
        let mark = Mark(path: folder + "/constructor-ran-\(UUID().uuidString)")
        let text = """
            #include <fcntl.h>
            #include <unistd.h>
            const char record[] = "\(record ?? "")";
            __attribute__((constructor)) static void ran(void) { close(open("\(mark.path)", O_CREAT | O_WRONLY, 0600)); }
            \(code)
            """
        let source = folder + "/library.c"
        try Data(text.utf8).write(to: URL(filePath: source))
        let path = folder + "/libFixture-\(UUID().uuidString).so"
        try Command.run(["clang", "-shared", "-fPIC", "-o", path, source], seconds: 60)
        try permit(path, 0o755)
        return (path, mark)
    }

    /// A file that exists once a library's constructor has run.
    struct Mark {
        let path: String
        var isSet: Bool { access(path, F_OK) == 0 }
    }
}

/// This installation's own record, as a plugin built against it carries it.
let ownRecord = "\(LyceumRecord.compiledFrom())"

/// The record with a module's digest, or another field, replaced.
func ownRecord(with name: String, _ value: String) -> String {
    ownRecord.split(separator: ";", omittingEmptySubsequences: false)
        .map { $0.hasPrefix(name + "=") ? name + "=" + value : String($0) }
        .joined(separator: ";")
}

/// Whether a library is mapped into this process.
func isMapped(_ path: String) -> Bool {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_NOLOAD) else { return false }
    dlclose(handle)
    return true
}

internal import Glibc
public import Lyceum

/// Loads plugins that were compiled elsewhere.
///
/// A file is trusted as the executable itself is: what is refused here is a mistake, not malice. It passes in this order,
/// and each refusal is one sentence (``LoadRefusal``):
///
///     real path -> regular file, ours or root's, not writable by others -> ELF of this machine, complete
///       -> the record in the file names this host's compiler and contract        no code of the file has run so far
///       -> dlopen -> lyceum_plugin() -> checked cast to a plugin's type -> the id is the configured one
///
/// Nothing is ever unloaded: a process is born with its plugins and dies with them.
public enum Loader {
    /// The function that a plugin's library has.
    static let entry = "lyceum_plugin"

    /// Checks a file without running any of its code, and answers the record it carries.
    ///
    /// - Parameters:
    ///   - path: The file, or a symbolic link to it.
    ///   - user: The user id that the plugin will run as; nil for this process's own.
    public static func examine(
        _ path: String, for user: UInt32? = nil
    ) throws(LoadRefusal) -> ExaminedPlugin {
        guard let host = BuildRecord(LyceumRecord.compiledFrom()) else {
            throw LoadRefusal(.malformedRecord, "libLyceumCore.so", "has a record of its build that cannot be read")
        }
        let file = try SharedLibraryFile(path, user: user ?? geteuid())
        let records = try file.records()
        for record in records {
            guard record.compiler == host.compiler else {
                throw LoadRefusal(
                    .otherCompiler, file.path,
                    "was built by \(record.compiler), and this installation by \(host.compiler); "
                        + "use the plugin's build for release \(host.release)")
            }
            let others = record.modulesUnlike(host)
            guard others.isEmpty else {
                throw LoadRefusal(
                    .otherContract, file.path,
                    "was built against other sources of \(others.joined(separator: ", ")) (release \(record.release)) "
                        + "than this installation's; use the plugin's build for this release \(host.release)")
            }
        }
        return ExaminedPlugin(file: file.path, record: records[0])
    }

    /// Loads a plugin, once its file has passed ``examine(_:)``.
    ///
    /// - Parameters:
    ///   - path: The file, or a symbolic link to it.
    ///   - id: The id by which the configuration knows the plugin.
    public static func load(_ path: String, id: String) throws(LoadRefusal) -> any Plugin.Type {
        let file = try examine(path).file
        return try AskedPlugin.asking("the plugin \(id) (\(file))", "when it was loaded") { () throws(LoadRefusal) in
            try open(file, id)
        }
    }

    private static func open(_ file: String, _ id: String) throws(LoadRefusal) -> any Plugin.Type {
        guard let library = dlopen(file, RTLD_NOW | RTLD_LOCAL) else {
            // The message begins with the file's path, which the refusal says already.
            let message = String(cString: dlerror())
            let reason = message.hasPrefix(file + ": ") ? String(message.dropFirst(file.count + 2)) : message
            throw LoadRefusal(
                .notLoadable, file, "cannot be loaded: \(reason); install what it needs, or build it again")
        }
        guard let symbol = dlsym(library, entry) else {
            throw LoadRefusal(
                .noEntry, file,
                "has no function \(entry); declare it in the plugin with @c(\(entry)) and build it again")
        }
        // The record proved that the library was compiled against `PluginExport`, whose comment gives this signature.
        let function = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafeMutableRawPointer?).self)
        guard let pointer = function(),
            let export = Unmanaged<AnyObject>.fromOpaque(pointer).takeRetainedValue() as? PluginExport,
            let plugin = export.type as? any Plugin.Type
        else {
            throw LoadRefusal(
                .notAPlugin, file,
                "returns no plugin of this installation; let \(entry) return PluginExport.box(…), and let the plugin's "
                    + "package use the product LyceumCore, so that it has no copy of its own")
        }
        guard plugin.manifest.id == id else {
            throw LoadRefusal(
                .otherID, file,
                "is the plugin \(plugin.manifest.id), and the configuration calls it \(id); correct the id or the path")
        }
        return plugin
    }

    /// Checks that an executable and the `libLyceumCore.so` it runs with come from the same sources.
    ///
    /// Call it first of all, because with a library of another build nothing else can be relied upon:
    ///
    ///     try Loader.verifyHost(KernelRecord.compiledAgainst())
    public static func verifyHost(_ record: StaticString) throws(LoadRefusal) {
        try verifyHost("\(record)")
    }

    static func verifyHost(_ text: String) throws(LoadRefusal) {
        let file = "libLyceumCore.so"
        guard let executable = BuildRecord(text), let library = BuildRecord(KernelRecord.compiledFrom()) else {
            throw LoadRefusal(.malformedRecord, file, "or the executable has a record of its build that cannot be read")
        }
        var others = executable.modulesUnlike(library)
        if executable.compiler != library.compiler { others.append("the compiler") }
        guard others.isEmpty else {
            throw LoadRefusal(
                .otherHost, file,
                "(release \(library.release)) was built from other sources than this executable (release "
                    + "\(executable.release)): \(others.joined(separator: ", ")) differ; install both from one build")
        }
    }
}

/// A plugin's file that passed every check that needs none of its code to run.
public struct ExaminedPlugin: Sendable, Hashable {
    /// The file's real path.
    public let file: String
    /// What it was built against.
    public let record: BuildRecord
}

/// Why a file is not loaded as a plugin: one sentence that names the file and what to do.
public struct LoadRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The reasons, in the order in which they are looked for.
    ///
    /// The raw values are stable.
    public enum Code: String, Sendable, CaseIterable {
        /// Nothing is at that path.
        case notFound = "not_found"
        /// It is a folder, a device or a socket.
        case notAFile = "not_a_file"
        /// Its group or everybody may change it.
        case writableByOthers = "writable_by_others"
        /// It belongs to neither root nor the user that runs this process.
        case foreignOwner = "foreign_owner"
        /// It could not be read.
        case unreadable
        /// It is no 64-bit ELF file.
        case notELF = "not_elf"
        /// It was built for another kind of processor.
        case otherMachine = "other_machine"
        /// It is an ELF file, but no shared library.
        case notShared = "not_shared"
        /// It ends before its own headers say.
        case truncated
        /// It has no record, so it was not built as a plugin.
        case noRecord = "no_record"
        /// Its record cannot be read by this version.
        case malformedRecord = "malformed_record"
        /// It was built by another compiler.
        case otherCompiler = "other_compiler"
        /// It was built against other sources of the contract.
        case otherContract = "other_contract"
        /// The system's loader refused it.
        case notLoadable = "not_loadable"
        /// It has no function `lyceum_plugin`.
        case noEntry = "no_entry"
        /// What its function returns is no plugin.
        case notAPlugin = "not_a_plugin"
        /// It is another plugin than the configuration says.
        case otherID = "other_id"
        /// The executable and its own `libLyceumCore.so` do not belong together.
        case otherHost = "other_host"
    }

    /// The reason.
    public let code: Code
    /// The file, by its real path where that could be found.
    public let file: String
    /// What is wrong and what to do, without the file's name.
    public let reason: String

    init(_ code: Code, _ file: String, _ reason: String) {
        (self.code, self.file, self.reason) = (code, file, reason)
    }

    /// The whole sentence.
    public var description: String { "\(file) \(reason)" }
}

internal import Glibc

/// A shared library as bytes: looked at, never run.
///
/// The layout is that of the System V ABI, chapters 4 and 5: 64-bit, little-endian.
struct SharedLibraryFile {
    /// The file's real path.
    let path: String
    private let bytes: [UInt8]
    /// The parts of the file that would be mapped.
    private let segments: [Range<Int>]

    /// Larger files are refused unread.
    private static let largest = 1 << 30

    /// Finds, reads and checks a file.
    init(_ name: String, user: UInt32) throws(LoadRefusal) {
        guard let resolved = realpath(name, nil) else {
            throw LoadRefusal(
                .notFound, name,
                "cannot be found (\(Self.lastError())); put the plugin's library there, or correct the path in the configuration"
            )
        }
        path = String(cString: resolved)
        free(resolved)
        bytes = try Self.read(path, user)
        segments = try Self.check(bytes, path)
    }

    /// Every record in the parts that would be mapped, in the order of the file.
    func records() throws(LoadRefusal) -> [BuildRecord] {
        let opening = Array(BuildRecord.opening.utf8)
        var found: [BuildRecord] = []
        for segment in segments {
            var start = segment.lowerBound
            while start + opening.count <= segment.upperBound {
                guard let next = bytes[start..<segment.upperBound].firstIndex(of: opening[0]) else { break }
                start = next + 1
                guard bytes[next..<segment.upperBound].starts(with: opening) else { continue }
                let text = bytes[next..<min(segment.upperBound, next + BuildRecord.longest)].prefix { $0 != 0 }
                guard let record = BuildRecord(String(decoding: text, as: UTF8.self)) else {
                    throw LoadRefusal(
                        .malformedRecord, path,
                        "has a record of its build that cannot be read; build the plugin again against this release")
                }
                if !found.contains(record) { found.append(record) }
            }
        }
        guard !found.isEmpty else {
            throw LoadRefusal(
                .noRecord, path,
                "has no record of what it was built against, so it is no plugin of this platform; "
                    + "let its function lyceum_plugin return PluginExport.box(…) and build it again")
        }
        return found
    }

    private static func lastError() -> String { String(cString: strerror(errno)) }

    /// Reads a regular file that only root or the given user can have written.
    private static func read(_ path: String, _ user: UInt32) throws(LoadRefusal) -> [UInt8] {
        // O_NONBLOCK: opening a named pipe must not wait for somebody to write to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw LoadRefusal(
                .unreadable, path, "cannot be read (\(lastError())); let the user that runs this process read it")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw LoadRefusal(.unreadable, path, "cannot be read (\(lastError()))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw LoadRefusal(.notAFile, path, "is no regular file; name the plugin's library itself")
        }
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw LoadRefusal(
                .writableByOthers, path, "can be changed by others than its owner; run: chmod go-w \(path)")
        }
        guard status.st_uid == 0 || status.st_uid == user else {
            throw LoadRefusal(
                .foreignOwner, path,
                "belongs to user \(status.st_uid); it must belong to root or to user \(user), who runs it"
            )
        }
        guard status.st_size <= largest else {
            throw LoadRefusal(.unreadable, path, "has \(status.st_size) bytes; a plugin has at most \(largest)")
        }
        let size = Int(status.st_size)
        var failure: String?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = lastError() }
                if got <= 0 { break }
                count += got
            }
        }
        if let failure { throw LoadRefusal(.unreadable, path, "cannot be read (\(failure))") }
        return bytes
    }

    /// Checks the headers, and answers the parts of the file that would be mapped.
    ///
    /// The system's loader maps a segment that the file does not have, and the process dies of SIGBUS on touching it: so
    /// the end of each is compared here.
    private static func check(_ bytes: [UInt8], _ path: String) throws(LoadRefusal) -> [Range<Int>] {
        func number<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) throws(LoadRefusal) -> T {
            guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else { throw short(path) }
            return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
        }
        // Magic number, 64-bit, little-endian.
        guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else {
            throw LoadRefusal(.notELF, path, "is no 64-bit ELF file; name the .so file that the plugin's build made")
        }
        let machine = try number(UInt16.self, at: 18)
        guard machine == Self.machine else {
            throw LoadRefusal(
                .otherMachine, path,
                "was built for \(machineName(machine)) and this machine is \(machineName(Self.machine)); "
                    + "use the plugin's build for this machine")
        }
        // ET_DYN.
        guard try number(UInt16.self, at: 16) == 3 else {
            throw LoadRefusal(
                .notShared, path, "is no shared library; let the plugin's product be .library(type: .dynamic)")
        }
        guard let table = Int(exactly: try number(UInt64.self, at: 32)) else { throw short(path) }
        let size = Int(try number(UInt16.self, at: 54))
        var segments: [Range<Int>] = []
        for index in 0..<Int(try number(UInt16.self, at: 56)) {
            let (header, overflow) = table.addingReportingOverflow(index * size)
            guard !overflow else { throw short(path) }
            // PT_LOAD.
            guard try number(UInt32.self, at: header) == 1 else { continue }
            let start = try number(UInt64.self, at: header + 8)
            let (end, beyond) = start.addingReportingOverflow(try number(UInt64.self, at: header + 32))
            guard !beyond, end <= UInt64(bytes.count) else { throw short(path) }
            segments.append(Int(start)..<Int(end))
        }
        guard !segments.isEmpty else { throw short(path) }
        return segments
    }

    private static func short(_ path: String) -> LoadRefusal {
        LoadRefusal(.truncated, path, "ends before its own headers say; copy or build it again")
    }

    #if arch(x86_64)
        private static let machine: UInt16 = 62
    #elseif arch(arm64)
        private static let machine: UInt16 = 183
    #else
        #error("Plugins are loaded on x86-64 and arm64 only.")
    #endif

    /// As in the ELF header's `e_machine`.
    private static func machineName(_ machine: UInt16) -> String {
        switch machine {
        case 62: "x86-64"
        case 183: "arm64"
        default: "ELF machine \(machine)"
        }
    }
}

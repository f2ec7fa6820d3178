internal import Glibc
internal import Lyceum
internal import MediaContract

/// Files in a directory of the region's own, from which nginx sends them.
///
///     files/4e/01990c2e-…-8a2d4c4e        a file; its directory is named after the last byte of its id, which is random
///     files/4e/01990c2e-…-8a2d4c4e-320    a picture of it
///     parts/4e/01990c2e-…                 what was uploaded so far
///
/// What nginx is to read has mode 0640; its group is that of the directory above the region's, which must have the setgid
/// bit for that. Parts are 0600, and become files by being renamed. Everything is on the disk before it is said to be:
/// file first, then the directory that names it.
struct DirectoryStorage: FileStorage {
    private let root: String

    /// - Throws: ``MediaError/noStorage`` where the installation has no directory for files.
    init(_ region: Region) throws {
        guard let root = region.files else { throw MediaError.noStorage }
        self.root = root
    }

    func open(_ file: File.ID) throws -> any PartialFile {
        let directory = try directory("parts", file)
        let path = "\(directory)/\(file)"
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw DiskError(path) }
        let part = PartInDirectory(descriptor, path)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw DiskError(path) }
            throw StorageBusy()
        }
        // It may have been renamed or removed between the two: then it is not the one at the path.
        var here = stat()
        var there = stat()
        guard fstat(descriptor, &here) == 0, stat(path, &there) == 0, here.st_ino == there.st_ino else {
            throw StorageBusy()
        }
        if here.st_size == 0 { try Disk.sync(directory: directory) }
        return part
    }

    func complete(_ file: File.ID) throws { try move(partPath(file), to: filePath(file), file) }

    func complete(_ file: File.ID, width: Int) throws {
        let path = filePath(file) + "-\(width)"
        try move(path + ".new", to: path, file)
    }

    func path(of file: File.ID) -> String? {
        for path in [filePath(file), partPath(file)] where access(path, F_OK) == 0 { return path }
        return nil
    }

    func picturePath(of file: File.ID, width: Int) throws -> String {
        try directory("files", file) + "/\(file)-\(width).new"
    }

    func address(of file: File.ID, width: Int?) -> String {
        "files/\(shard(file))/\(file)" + (width.map { "-\($0)" } ?? "")
    }

    func discard(_ file: File.ID) throws {
        guard unlink(partPath(file)) == 0 || errno == ENOENT else { throw DiskError(partPath(file)) }
    }

    func remove(_ file: File.ID) throws {
        let name = "\(file)"
        for part in ["parts", "files"] {
            let directory = "\(root)/\(part)/\(shard(file))"
            for found in try Disk.names(in: directory) where found == name || found.hasPrefix(name + "-") {
                guard unlink(directory + "/" + found) == 0 || errno == ENOENT else {
                    throw DiskError(directory + "/" + found)
                }
            }
        }
    }

    func old(_ age: Duration, share: Int) throws -> [File.ID] {
        let digits = Array("0123456789abcdef")
        let shard = String([digits[share >> 4 & 15], digits[share & 15]])
        var found: Set<File.ID> = []
        for part in ["parts", "files"] {
            let directory = "\(root)/\(part)/\(shard)"
            for name in try Disk.names(in: directory) {
                var status = stat()
                guard let id = File.ID(String(name.prefix(36))), lstat(directory + "/" + name, &status) == 0 else {
                    continue
                }
                if Int(time(nil)) - status.st_mtim.tv_sec > Int(age.components.seconds) { found.insert(id) }
                if found.count == 5_000 { break }
            }
        }
        return found.sorted()
    }

    private func shard(_ file: File.ID) -> String { String("\(file)".suffix(2)) }
    private func filePath(_ file: File.ID) -> String { "\(root)/files/\(shard(file))/\(file)" }
    private func partPath(_ file: File.ID) -> String { "\(root)/parts/\(shard(file))/\(file)" }

    /// Makes the directory of a file where it is missing.
    private func directory(_ part: String, _ file: File.ID) throws -> String {
        let path = "\(root)/\(part)/\(shard(file))"
        guard access(path, F_OK) != 0 else { return path }
        // What is made in a directory with the setgid bit has its group, and the bit. Setting the mode again would lose it.
        for step in [root, "\(root)/\(part)", path] {
            if mkdir(step, 0o750) == 0 {
                try Disk.sync(directory: String(step[..<(step.lastIndex(of: "/") ?? step.endIndex)]))
            } else if errno != EEXIST {
                throw DiskError(step)
            }
        }
        return path
    }

    /// Gives what was written its name, for good; what has it already is left.
    private func move(_ from: String, to path: String, _ file: File.ID) throws {
        let directory = try directory("files", file)
        let descriptor = Glibc.open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT, access(path, F_OK) == 0 { return }
            throw DiskError(from)
        }
        defer { close(descriptor) }
        guard fchmod(descriptor, 0o640) == 0, fsync(descriptor) == 0, rename(from, path) == 0 else {
            throw DiskError(from)
        }
        try Disk.sync(directory: directory)
    }
}

/// A part of a file on the disk; the lock on it goes with the descriptor, however the process ends.
private final class PartInDirectory: PartialFile {
    private let descriptor: Int32
    private let path: String

    init(_ descriptor: Int32, _ path: String) { (self.descriptor, self.path) = (descriptor, path) }
    deinit { close(descriptor) }

    var size: Int64 {
        get throws {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw DiskError(path) }
            return Int64(status.st_size)
        }
    }

    func cut(to length: Int64) throws {
        guard ftruncate(descriptor, Int(length)) == 0 else { throw DiskError(path) }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let count = write(descriptor, start, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DiskError(path) }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
        }
    }

    func sync() throws { guard fdatasync(descriptor) == 0 else { throw DiskError(path) } }
}

/// What the disk refused, for the log.
struct DiskError: Error, CustomStringConvertible {
    let description: String

    init(_ path: String) {
        description = "\(path) cannot be written: \(strerror(errno).map { String(cString: $0) } ?? "error \(errno)")"
    }
}

/// The few calls that directories need.
enum Disk {
    /// Waits until the names in a directory would outlast a loss of power.
    static func sync(directory: String) throws {
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DiskError(directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DiskError(directory) }
    }

    /// What a directory names; nothing where it does not exist.
    static func names(in directory: String) throws -> [String] {
        guard let stream = opendir(directory) else {
            guard errno == ENOENT else { throw DiskError(directory) }
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

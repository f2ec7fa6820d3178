internal import Glibc

/// The directory of uploaded files, which nginx reads and strangers cannot enter.
///
/// It has mode 2750 and a group that nginx's user is in: what is made in it has that group too. Where nginx runs as this user,
/// as below `lyceum up`, the user's own group will do.
struct FilesDirectory {
    private let path: String
    /// Whether it is the one in the state directory, which is made here.
    private let isOwn: Bool

    init(_ path: String, isOwn: Bool) { (self.path, self.isOwn) = (path, isOwn) }

    /// Makes sure that it is there and can be written.
    func prepare() throws {
        // Below the state directory the owner alone may enter, and nobody else has to.
        if isOwn, mkdir(path, 0o750) == 0 { chmod(path, 0o2750) }
        guard access(path, W_OK | X_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            throw Failure(
                """
                files: the directory \(path) cannot be written: \(reason). Where nginx runs as www-data, this makes it: \
                install -d -o lyceum -g www-data -m 2750 \(path)
                """)
        }
    }
}

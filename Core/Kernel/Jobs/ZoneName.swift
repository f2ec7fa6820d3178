internal import Glibc

/// The IANA time zones of this machine.
enum ZoneName {
    /// Whether there is a zone of this name; `UTC` always is.
    ///
    /// Where the machine has no database of zones, nothing can be said against a name that looks like one.
    static func exists(_ name: String) -> Bool {
        if name == "UTC" { return true }
        let isPlain = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "/_+-".utf8.contains(byte)
        }
        guard isPlain, !name.hasPrefix("/"), name.contains("/") else { return false }
        guard access("/usr/share/zoneinfo/Europe", F_OK) == 0 else { return true }
        var status = stat()
        return stat("/usr/share/zoneinfo/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}

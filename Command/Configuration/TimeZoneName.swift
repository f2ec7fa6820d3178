internal import Foundation

/// The IANA time zones of this machine.
enum TimeZoneName {
    /// Whether there is a zone of this name; `UTC` always is.
    static func exists(_ name: String) -> Bool {
        guard name != "UTC" else { return true }
        let isPlain = name.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "/_+-".utf8.contains(byte)
        }
        guard isPlain, !name.hasPrefix("/"), name.contains("/") else { return false }
        // Without the database of zones nothing can be said against the name.
        guard FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/Europe") else { return true }
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/" + name, isDirectory: &isDirectory)
        return exists && !isDirectory.boolValue
    }
}

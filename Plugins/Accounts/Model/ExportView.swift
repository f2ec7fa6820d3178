internal import AccountsContract
internal import Lyceum

/// All that is held of a person, as its description says it; the kernel writes it in pieces.
struct ExportView: View, Documented {
    var format: String
    var version: Int
    var region: String
    var account: Account.ID
    var at: Instant
    var data: [HeldTable]
    var files: [HeldFile]
    var kept: [KeptTable]
    var unknown: [String]

    static let about = [
        "format": "`lyceum.personal-data`.",
        "version": "1.",
        "at": "When it was made.",
        "unknown": "Plugins that left data, and whose programs are not here any more.",
    ]
}

/// What a table has of the person.
struct HeldTable: View, Documented {
    var plugin: String
    var table: String
    var rows: [AnyJSON]

    static let about = ["rows": "Every column but secrets, such as digests of passwords."]
}

/// A file of the person's.
struct HeldFile: View, Documented {
    var plugin: String
    var name: String
    var type: String
    var size: Int64
    var address: String

    static let about = ["size": "In bytes.", "address": "Where its bytes can be fetched, for a week."]
}

/// What stays when the person is erased.
struct KeptTable: View {
    var plugin: String
    var table: String
    var columns: [String]
    var because: String
}

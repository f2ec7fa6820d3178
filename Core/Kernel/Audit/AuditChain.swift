internal import Lyceum
internal import PostgreSQL

/// How entries and seals are hashed: the same on every machine, and computed by this program, never by the database.
///
///     entry = SHA-256(which columns have a value, then every column as PostgreSQL prints it, each with its length)
///     head  = SHA-256(head of the seal before, number, time, numbers of the entries, hashes of the entries)
///
/// Personal values are part of an entry as they are stored, encrypted; so the chain still verifies when a key is destroyed.
enum AuditChain {
    /// The columns of an entry that are sealed, in this order for ever; those that come later are added at the end.
    static let columns: Statement = """
        id, at, entity, key, action, old, new, old_person, old_sealed, new_person, new_sealed, means, plugin, account,
        login, work, event, request, trace, author_person, author_sealed
        """
    private static let count = 21

    /// The most entries that one seal has.
    static let batch = 1_000

    /// The head before the first seal.
    static let beginning = [UInt8](repeating: 0, count: 32)

    /// The hash of the entry in a row that begins with ``columns``.
    static func hash(_ rows: Result, _ row: Int) -> [UInt8] {
        var presence = [UInt8](repeating: 0, count: count)
        var parts: [UnsafeBufferPointer<UInt8>] = []
        parts.reserveCapacity(count + 1)
        for column in 0..<count {
            let value = rows.bytes(row: row, column: column)
            presence[column] = value == nil ? 0 : 1
            parts.append(value ?? UnsafeBufferPointer(start: nil, count: 0))
        }
        // The values are rows' own memory, and stay where they are.
        return presence.withUnsafeBufferPointer { Secrets.digest([$0] + parts) }
    }
}

/// A link of the chain.
struct AuditSeal {
    var number: Int64
    /// As PostgreSQL prints it.
    var at: String
    var entries: [Int64]
    /// 32 bytes for each entry.
    var hashes: [UInt8]
    var previous: [UInt8]

    /// The hash of all of it, which the next seal has as `previous`.
    var head: [UInt8] {
        let numbers = Array("\(number) \(at) \(entries.map { "\($0)" }.joined(separator: ","))".utf8)
        return previous.withUnsafeBufferPointer { previous in
            numbers.withUnsafeBufferPointer { numbers in
                hashes.withUnsafeBufferPointer { Secrets.digest([previous, numbers, $0]) }
            }
        }
    }
}

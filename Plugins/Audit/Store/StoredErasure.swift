internal import AuditContract
internal import Lyceum
internal import PostgreSQL

/// Erasure, as the kernel's function does it.
struct StoredErasure: AuditErasure {
    func erase(_ person: String, _ transaction: borrowing Transaction) async throws -> Bool {
        var row = try await transaction.query("select lyceum.audit_erase(\(person))").row(0)
        return try row.next()
    }
}

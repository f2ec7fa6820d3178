public import Lyceum

/// Makes unreadable, for good, what the audit recorded of a person.
public protocol AuditErasure: Sendable {
    /// Destroys the key by which values about a person are encrypted; the audit notes that, and still verifies.
    ///
    /// - Parameter person: the id of an account, or whatever else stands in the column that tables are audited `of`.
    /// - Returns: whether there was anything to erase.
    func erase(_ person: String, _ transaction: borrowing Transaction) async throws -> Bool
}

extension Service where Value == any AuditErasure {
    /// Erasure in the region's audit.
    public static var auditErasure: Service { Service("audit.erasure") }
}

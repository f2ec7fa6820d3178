public import Lyceum

/// Tells other plugins what people are called; they keep ids, never names.
public protocol AccountDirectory: Sendable {
    /// The names of accounts; one that is unknown or erased is missing from the answer.
    func names(of accounts: [Account.ID], _ transaction: borrowing Transaction) async throws -> [Account.ID: String]
}

extension Service where Value == any AccountDirectory {
    /// The directory of the region's accounts.
    public static var accountDirectory: Service { Service("accounts.directory") }
}

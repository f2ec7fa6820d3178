public import PostgreSQL

/// The steps by which a plugin's schema came to be; forward only, never changed once released.
///
/// They run as the owner of the plugin's schema, each in a transaction of its own. Version N-1 of the plugin's code must
/// run on schema N, because processes of both serve side by side while a change is rolled out.
public struct Migrations: Declaration {
    /// The steps, in the order of their versions.
    public let all: [Migration]

    /// Declares the steps.
    public init(_ all: [Migration]) { self.all = all }

    /// For plans: `schema of 3 migrations`.
    public var summary: String { "schema of \(all.count) migration\(all.count == 1 ? "" : "s")" }
}

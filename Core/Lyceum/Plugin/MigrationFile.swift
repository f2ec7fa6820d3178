public import PostgreSQL

extension Migration {
    /// Declares a step whose SQL is a file, compiled in with `.embedInCode`.
    public init(_ version: Int, _ name: String, _ file: [UInt8]) {
        self.init(version, name, String(decoding: file, as: UTF8.self))
    }
}

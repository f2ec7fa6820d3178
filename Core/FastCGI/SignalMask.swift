import CFastCGI
import Glibc

enum SignalMask {
    /// Runs `body` with every signal blocked that could interrupt it; threads made in it inherit that.
    ///
    /// libfcgi and libpq take an interrupted system call for a broken connection.
    static func blocking<Value>(_ body: () throws -> Value) rethrows -> Value {
        try withUnsafeTemporaryAllocation(byteCount: 128, alignment: 16) { saved in
            lyceum_signals_block(saved.baseAddress)
            defer { lyceum_signals_restore(saved.baseAddress) }
            return try body()
        }
    }
}

internal import Glibc

/// Why a program could not be started or did not do what was asked.
public struct ChildError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence that names the program.
    public let description: String
    /// The system's error number, or 0 when the program was started.
    public let code: Int32

    /// An error with a sentence of the caller's.
    public init(_ description: String, code: Int32 = 0) {
        self.description = description
        self.code = code
    }

    /// `what`, followed by the system's reason for `code`.
    init(_ what: String, reason code: Int32) {
        self.init("\(what): \(systemMessage(code))", code: code)
    }
}

/// The system's sentence for an error number: "No such file or directory".
func systemMessage(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let base = buffer.baseAddress, strerror_r(code, base, 256) == 0 else { return "error \(code)" }
        return String(cString: base)
    }
}

extension Duration {
    /// Seconds with a fraction where there is one, for messages: `60`, `0.2`.
    var seconds: String {
        let (whole, atto) = components
        let milli = atto / 1_000_000_000_000_000
        if milli == 0 { return "\(whole)" }
        var fraction = "\(milli + 1000)".dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(whole).\(fraction)"
    }
}

internal import Glibc

/// Where a process says what happens: one line each, to standard error.
public struct Log: Sendable {
    private let sink: @Sendable (String) -> Void

    /// Writes lines to a sink.
    public init(_ sink: @escaping @Sendable (String) -> Void) { self.sink = sink }

    /// Writes to standard error, each line in one system call so that lines of several processes do not mix.
    public static let standardError = Log { line in
        var text = line + "\n"
        text.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
    }

    /// Says something; line breaks become spaces, so that nothing a client sends can forge a line.
    public func write(region: String? = nil, plugin: String? = nil, request: String? = nil, _ message: String) {
        var line = "lyceum[\(getpid())]"
        if let region { line += " region=\(region)" }
        if let plugin { line += " plugin=\(plugin)" }
        if let request { line += " request=\(request)" }
        let clean = message.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        sink(line + " " + String(clean))
    }
}

internal import CPostgreSQL

extension DatabaseError {
    /// What a failed result says; of a script it names the line.
    init(_ result: OpaquePointer, _ connection: OpaquePointer, script: String? = nil) {
        // The PG_DIAG_ numbers are character constants in C, which Swift does not import.
        func field(_ letter: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(letter.value)).map { String(cString: $0) }
        }
        let state = field("C") ?? ""
        let lost = PQstatus(connection) == CONNECTION_BAD
        self.init(
            lost ? .connectionLost : Kind(sqlState: state),
            field("M") ?? firstLine(PQresultErrorMessage(result)), sqlState: state)
        if state.hasPrefix("22") { message = withoutValues(message) }
        position = field("P").flatMap { Int($0) }
        if let script, let position {
            // PostgreSQL counts characters, not bytes, from 1.
            let line = script.unicodeScalars.prefix(position - 1).count(where: { $0 == "\n" }) + 1
            message += ", line \(line)"
        }
        constraint = field("n")
        table = field("t").map { table in field("s").map { "\($0).\(table)" } ?? table }
        // By the place in the server that raised it, because its code says only "feature not supported" and its words are
        // translated; 26000 is a prepared statement that is gone (DISCARD ALL, a pooler between).
        if (state == "0A000" && field("R") == "RevalidateCachedQuery") || state == "26000" { kind = .stale }
    }

    /// What a connection that could not be opened, or not be written to, says.
    init(connection: OpaquePointer?) {
        self.init(.connectionLost, firstLine(connection.flatMap { PQerrorMessage($0) }))
    }
}

/// The first line of libpq's text; the others are advice.
private func firstLine(_ text: UnsafePointer<CChar>?) -> String {
    guard let text else { return "the connection failed" }
    let line = String(cString: text).prefix { !$0.isNewline }
    return line.isEmpty ? "the connection was lost" : String(line)
}

/// The message without what it quotes: data exceptions quote the value itself, which may hold quotes.
private func withoutValues(_ message: String) -> String {
    guard let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\"") else { return message }
    return "\(message[..<first])…\(message[message.index(after: last)...])"
}

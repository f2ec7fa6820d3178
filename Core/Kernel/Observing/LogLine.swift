internal import Glibc
internal import JSON
internal import Lyceum

/// A line of the log before it has a form.
struct LogLine {
    let level: Log.Level
    let process: String
    let region: String?
    let plugin: String?
    let request: String?
    let trace: TraceContext?
    let route: String?
    let status: Int?
    let listener: String?
    let event: Int64?
    let job: String?
    let run: String?
    let message: String

    /// What a pipe takes in one piece (PIPE_BUF), the line break included.
    static let longest = 4_096
    /// The most bytes of one member but the message.
    private static let member = 256

    /// As `{"time":"2026-01-31T08:15:00.042Z","level":"warning","message":"…","process":"web 0","pid":4711}`.
    func json(at time: Instant) -> String {
        let about = JSONWriter(capacity: 512)
        func text(_ name: StaticString, _ value: String?) {
            guard let value else { return }
            about.key(name)
            about.quoted(LogText.escaped(value, most: LogLine.member))
        }
        func number(_ name: StaticString, _ value: Int64?) {
            guard let value else { return }
            about.key(name)
            about.int(value)
        }
        // Something stands before it, so that each member brings its comma.
        about.raw("\"")
        text("process", process)
        number("pid", Int64(getpid()))
        text("region", region)
        text("plugin", plugin)
        text("request", request)
        text("trace", trace?.traceID)
        text("span", trace?.spanID)
        text("route", route)
        number("status", status.map { Int64($0) })
        text("listener", listener)
        number("event", event)
        text("job", job)
        text("run", run)
        let head = "{\"time\":\"\(LogLine.stamp(time))\",\"level\":\"\(level.rawValue)\",\"message\":\""
        let rest = LogLine.longest - head.utf8.count - about.count - 2
        return head + LogText.escaped(message, most: rest) + about.text + "}"
    }

    /// In UTC, to the millisecond, always as long.
    static func stamp(_ time: Instant) -> String {
        let milliseconds = time.microseconds.flooring(1_000)
        var seconds = time_t(milliseconds.flooring(1_000))
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
        }
        return digits(Int(parts.tm_year) + 1900, 4) + "-" + digits(Int(parts.tm_mon) + 1, 2) + "-"
            + digits(Int(parts.tm_mday), 2) + "T" + digits(Int(parts.tm_hour), 2) + ":" + digits(Int(parts.tm_min), 2)
            + ":" + digits(Int(parts.tm_sec), 2) + "." + digits(Int(milliseconds - Int64(seconds) * 1_000), 3) + "Z"
    }

    /// As `lyceum[4711] warning region=academy request=0af7651916cd43dd message`.
    var text: String {
        var line = "lyceum[\(getpid())]"
        if level != .info { line += " \(level.rawValue)" }
        let isOwnTrace = trace?.traceID == request
        for (name, value) in [
            ("region", region), ("plugin", plugin), ("request", request), ("trace", isOwnTrace ? nil : trace?.traceID),
            ("run", run),
        ] {
            if let value { line += " \(name)=" + LogText.plain(value, most: LogLine.member) }
        }
        return line + " " + LogText.plain(message, most: LogLine.longest - line.utf8.count - 2)
    }
}

/// Text from anywhere, made safe to stand in a line.
enum LogText {
    /// As the inside of a JSON string, in no more than so many bytes; what is cut off ends in `…`.
    ///
    /// Escaped are also the characters by which a terminal that shows the line could be told things, or the direction of
    /// reading turned.
    static func escaped(_ text: String, most: Int) -> String {
        cut(text, most) { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\t": "\\t"
            default: isUnsafe(scalar) ? "\\u" + hex(scalar.value) : nil
            }
        }
    }

    /// As plain text: what could forge or break a line becomes a space.
    static func plain(_ text: String, most: Int) -> String { cut(text, most) { isUnsafe($0) ? " " : nil } }

    private static func cut(_ text: String, _ most: Int, _ replacement: (Unicode.Scalar) -> String?) -> String {
        let mark = "…"
        var out = ""
        var size = 0
        // What is kept where the mark has to follow.
        var kept = 0
        for scalar in text.unicodeScalars {
            let piece = replacement(scalar) ?? String(scalar)
            size += piece.utf8.count
            if size > most { return String(decoding: out.utf8.prefix(kept), as: UTF8.self) + mark }
            out += piece
            if size <= most - mark.utf8.count { kept = size }
        }
        return out
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}

extension JSONWriter {
    /// Text that is escaped already, in quotes.
    fileprivate func quoted(_ escaped: String) {
        byte(UInt8(ascii: "\""))
        json(escaped)
        byte(UInt8(ascii: "\""))
    }
}

extension Int64 {
    /// Divided, rounded down.
    fileprivate func flooring(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

/// A piece of a template's source: a tag, or text of at most one line.
struct TemplateToken {
    enum Kind {
        case text
        /// `{{name}}` and `{{t key}}`.
        case variable
        /// `{{{name}}}` and `{{&name}}`.
        case raw
        /// `{{#name}}`, `{{^name}}`, `{{/name}}`.
        case section, inverted, close
        /// `{{> name}}`, `{{< name}}`, `{{$name}}`.
        case partial, parent, block
        /// `{{! }}` and `{{=<% %>=}}`.
        case comment, delimiters
    }

    let kind: Kind
    /// The first byte of the piece in the source.
    let start: Int
    /// The byte behind the text, or behind the tag's closing delimiter.
    let end: Int
    /// What stands in a tag, without sigil and surrounding white space.
    let content: Range<Int>
    let line: Int
    /// Whether the piece begins a line of the source.
    let startsLine: Bool

    /// An opening tag's closing tag, and the reverse.
    var match = -1
    /// The tag around this piece that is opened last; -1 when there is none.
    var around = -1
    /// Text that is the white space around a tag standing alone on its line: it is not printed.
    var isDropped = false
    /// A tag that stands alone on its line.
    var standsAlone = false
    /// Whether the content of a block begins on the line after its tag.
    var opensLine = false
    /// A value that an attribute with an address begins with.
    var beginsAddress = false
}

/// Cuts a source into tokens.
struct TemplateScanner {
    let file: String
    let source: [UInt8]
    private var index = 0
    private var line = 1
    private var open: [UInt8] = [0x7B, 0x7B]
    private var close: [UInt8] = [0x7D, 0x7D]
    private var tokens: [TemplateToken] = []

    init(file: String, source: [UInt8]) { (self.file, self.source) = (file, source) }

    mutating func scan() throws(TemplateError) -> [TemplateToken] {
        var from = 0
        while index < source.count {
            if has(open, at: index) {
                text(from, index)
                try tag()
                from = index
            } else {
                index += 1
                if source[index - 1] == 0x0A {
                    text(from, index)
                    from = index
                    line += 1
                }
            }
        }
        text(from, index)
        return tokens
    }

    private mutating func text(_ from: Int, _ to: Int) {
        guard from < to else { return }
        tokens.append(
            TemplateToken(
                kind: .text, start: from, end: to, content: from..<to, line: line, startsLine: startsLine(from)))
    }

    private func startsLine(_ start: Int) -> Bool { start == 0 || source[start - 1] == 0x0A }

    private func has(_ mark: [UInt8], at place: Int) -> Bool {
        guard source[place] == mark[0], place + mark.count <= source.count else { return false }
        for offset in 1..<max(1, mark.count) where source[place + offset] != mark[offset] { return false }
        return true
    }

    private mutating func tag() throws(TemplateError) {
        let (start, first) = (index, line)
        index += open.count
        let sigil = index < source.count ? source[index] : 0
        let kind: TemplateToken.Kind =
            switch sigil {
            case 0x21: .comment  // !
            case 0x23: .section  // #
            case 0x24: .block  // $
            case 0x26, 0x7B: .raw  // & and {
            case 0x2F: .close  // /
            case 0x3C: .parent  // <
            case 0x3D: .delimiters  // =
            case 0x3E: .partial  // >
            case 0x5E: .inverted  // ^
            default: .variable
            }
        if kind != .variable { index += 1 }
        let mark = sigil == 0x7B ? [0x7D] + close : sigil == 0x3D ? [0x3D] + close : close
        let from = index
        while index < source.count, !has(mark, at: index) {
            if source[index] == 0x0A { line += 1 }
            if kind != .comment, open != close, has(open, at: index) { break }
            index += 1
        }
        guard index < source.count, has(mark, at: index) else {
            let opening = string(start..<from) + string(trimmed(from, min(index, from + 20)))
            throw TemplateError(
                file: file, line: first, message: "the tag '\(opening)' is never closed; '\(string(mark))' is missing")
        }
        let content = trimmed(from, index)
        index += mark.count
        tokens.append(
            TemplateToken(
                kind: kind, start: start, end: index, content: content, line: first, startsLine: startsLine(start)))
        if kind == .delimiters { try setDelimiters(content, first) }
    }

    private mutating func setDelimiters(_ content: Range<Int>, _ line: Int) throws(TemplateError) {
        let parts = source[content].split(whereSeparator: Self.isSpace)
        guard parts.count == 2, !parts.joined().contains(0x3D) else {
            throw TemplateError(
                file: file, line: line,
                message: "'\(string(content))' are no delimiters; write two, with a space between, such as {{=<% %>=}}")
        }
        (open, close) = (Array(parts[0]), Array(parts[1]))
    }

    private func trimmed(_ from: Int, _ to: Int) -> Range<Int> {
        var (from, to) = (from, max(from, to))
        while from < to, Self.isSpace(source[from]) { from += 1 }
        while from < to, Self.isSpace(source[to - 1]) { to -= 1 }
        return from..<to
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private func string(_ range: Range<Int>) -> String { String(decoding: source[range], as: UTF8.self) }
    private func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

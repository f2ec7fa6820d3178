/// Which tags belong to which, and which stand alone on their lines.
///
/// Mustache's rule: a tag that prints nothing itself and has only white space around it takes its whole line with it.
/// Inheritance adds three: a parent and its closing tag count as one, wherever they stand; what follows the tag of a
/// block inside a parent, and the white space before its closing tag, never counts; and tags of sections and blocks
/// count one by one.
struct TemplateLayout {
    let file: String
    let source: [UInt8]
    /// How deep tags may be nested.
    static let deepest = 64

    func arrange(_ tokens: inout [TemplateToken]) throws(TemplateError) {
        try pair(&tokens)
        for index in tokens.indices {
            let token = tokens[index]
            switch token.kind {
            case .section, .inverted, .partial, .comment, .delimiters: alone(index, index, &tokens)
            case .parent: alone(index, token.match, &tokens)
            case .block:
                if isArgument(index, tokens) {
                    if let rest = restOfLine(index, tokens) {
                        drop(rest, &tokens)
                        tokens[index].opensLine = true
                    }
                } else {
                    alone(index, index, &tokens)
                    tokens[index].opensLine = tokens[index].standsAlone
                }
            case .close:
                let opening = tokens[token.match]
                if opening.kind == .parent { continue }
                if opening.kind == .block, isArgument(token.match, tokens) {
                    if let before = startOfLine(index, tokens) { drop(before, &tokens) }
                } else {
                    alone(index, index, &tokens)
                }
            case .text, .variable, .raw: continue
            }
        }
    }

    private func name(_ token: TemplateToken) -> String { String(decoding: source[token.content], as: UTF8.self) }

    private func pair(_ tokens: inout [TemplateToken]) throws(TemplateError) {
        var open: [Int] = []
        for index in tokens.indices {
            tokens[index].around = open.last ?? -1
            let token = tokens[index]
            switch token.kind {
            case .section, .inverted, .parent, .block:
                open.append(index)
                if open.count > Self.deepest {
                    throw TemplateError(
                        file: file, line: token.line,
                        message: "'\(name(token))' is nested deeper than \(Self.deepest) tags; move some into a partial"
                    )
                }
            case .close:
                guard let last = open.popLast() else {
                    throw TemplateError(
                        file: file, line: token.line, message: "'{{/\(name(token))}}' closes nothing; no tag is open")
                }
                guard name(tokens[last]) == name(token) else {
                    throw TemplateError(
                        file: file, line: token.line,
                        message: "'{{/\(name(token))}}' cannot close '\(name(tokens[last]))', which line "
                            + "\(tokens[last].line) opened; close that first")
                }
                tokens[last].match = index
                tokens[index].match = last
            default: continue
            }
        }
        if let last = open.last {
            throw TemplateError(
                file: file, line: tokens[last].line,
                message:
                    "'\(name(tokens[last]))', opened here, is never closed; '{{/\(name(tokens[last]))}}' is missing")
        }
    }

    /// Whether a block stands directly inside a parent, and so gives it content.
    private func isArgument(_ index: Int, _ tokens: [TemplateToken]) -> Bool {
        tokens[index].around >= 0 && tokens[tokens[index].around].kind == .parent
    }

    /// Drops the line around the tags `first...last` when nothing else is on it.
    private func alone(_ first: Int, _ last: Int, _ tokens: inout [TemplateToken]) {
        guard let before = startOfLine(first, tokens), let rest = restOfLine(last, tokens) else { return }
        drop(before, &tokens)
        drop(rest, &tokens)
        tokens[first].standsAlone = true
        if tokens[last].kind == .close { tokens[last].standsAlone = true }
    }

    private func drop(_ index: Int, _ tokens: inout [TemplateToken]) {
        if index >= 0 { tokens[index].isDropped = true }
    }

    /// The white space between the beginning of the line and a tag: its token, -1 when there is none, nil when there is
    /// something else.
    private func startOfLine(_ index: Int, _ tokens: [TemplateToken]) -> Int? {
        if tokens[index].startsLine { return -1 }
        guard index > 0, tokens[index - 1].kind == .text, tokens[index - 1].startsLine else { return nil }
        return source[tokens[index - 1].content].allSatisfy { $0 == 0x20 || $0 == 0x09 } ? index - 1 : nil
    }

    /// The white space between a tag and the end of the line, with it: its token, -1 at the end of the source, nil when
    /// there is something else.
    private func restOfLine(_ index: Int, _ tokens: [TemplateToken]) -> Int? {
        guard index + 1 < tokens.count else { return -1 }
        let next = tokens[index + 1]
        guard next.kind == .text else { return nil }
        var rest = source[next.content]
        let endsLine = rest.last == 0x0A
        if endsLine { rest.removeLast() }
        if endsLine, rest.last == 0x0D { rest.removeLast() }
        guard rest.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return nil }
        return endsLine || index + 2 == tokens.count ? index + 1 : nil
    }
}

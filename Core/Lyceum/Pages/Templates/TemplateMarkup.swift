/// Follows HTML through a template, and refuses tags where escaping does not make a value safe.
///
///     data ──<a──▶ tag ──name=──▶ before a value ──"──▶ quoted ──"──▶ tag ──>──▶ data
///                                        └──any other──▶ bare ──space──▶ tag
///     data ──<script>──▶ raw text ──</script──▶ end tag ──>──▶ data
///     data ──<!----▶ comment ──-->──▶ data          data ──<!──▶ declaration ──>──▶ data
///
/// The states are those of the HTML standard's tokenizer (section 13.2.5) as far as they matter here. A section ends where it
/// began, because it may be left out: between elements, between attributes, or in the same attribute.
struct TemplateMarkup {
    private enum State: Equatable {
        case data
        /// Behind `<`, `</` and `<!`.
        case open, openEnd, bang
        case tagName, tag, beforeValue, bare, endTag
        case quoted(UInt8)
        case rawText, comment, declaration
    }

    /// What is restored behind a section, which may be left out.
    private struct Mark {
        let state: State
        let attribute: [UInt8]
        let value: [UInt8]
    }

    /// Attributes that hold an address.
    private static let addresses: Set<String> = [
        "action", "background", "cite", "data", "formaction", "href", "manifest", "ping", "poster", "src", "srcset",
        "xlink:href",
    ]
    /// How much of an attribute's value is kept: as much as tells where an address leads.
    private static let kept = 16

    private let file: String
    private let source: [UInt8]
    private var state = State.data
    private var element: [UInt8] = []
    private var attribute: [UInt8] = []
    private var isNamed = false
    /// What an attribute's value begins with, without white space, in small letters.
    private var value: [UInt8] = []
    /// The last bytes of raw text, a comment or what follows `<!`.
    private var last: [UInt8] = []

    init(file: String, source: [UInt8]) { (self.file, self.source) = (file, source) }

    /// Looks at all tags of a template, and marks those that an address begins with.
    ///
    /// - Throws: the first tag that stands where no value may.
    mutating func check(_ tokens: inout [TemplateToken]) throws(TemplateError) {
        var marks: [Mark] = []
        for index in tokens.indices {
            let token = tokens[index]
            switch token.kind {
            case .text: for byte in source[token.start..<token.end] { feed(byte) }
            case .variable, .raw: tokens[index].beginsAddress = try admit(token)
            case .partial, .parent:
                guard state == .data else { throw misplaced(token, "another template") }
                if token.kind == .parent { marks.append(mark) }
            case .section, .inverted, .block:
                if token.kind == .block { _ = try admit(token) }
                marks.append(mark)
            case .close:
                guard let before = marks.popLast() else { continue }
                guard place(state) == place(before.state), isSameAttribute(before) else {
                    throw fault(
                        token,
                        "what '\(text(token))' closes began \(Self.words(before.state)) and ends \(Self.words(state)); "
                            + "it may be left out, so it must end where it began")
                }
                (state, value) = (before.state == .tagName ? .tag : state, before.value)
            case .comment, .delimiters: break
            }
        }
        guard state == .data || state == .open else {
            throw TemplateError(
                file: file, line: tokens.last?.line ?? 0, message: "the template ends \(Self.words(state))")
        }
    }

    private var mark: Mark { Mark(state: state, attribute: attribute, value: value) }

    /// Between attributes it does not matter which one was before.
    private func place(_ state: State) -> State { state == .tagName ? .tag : state }

    private func isSameAttribute(_ before: Mark) -> Bool {
        if case .quoted = state { return attribute == before.attribute }
        return true
    }

    // MARK: Values

    /// Whether an address begins with the value.
    private func admit(_ token: TemplateToken) throws(TemplateError) -> Bool {
        let what = "'\(text(token))'"
        switch state {
        case .data, .comment: return false
        case .quoted: break
        case .open, .openEnd, .tagName, .endTag:
            throw fault(token, "\(what) stands in the name of an element; choose between elements with sections")
        case .tag:
            throw fault(token, "\(what) stands between attributes; write one, such as title=\"{{title}}\"")
        case .beforeValue, .bare:
            throw fault(token, "\(what) is in an attribute without quotes; put quotes around its value")
        case .rawText:
            throw fault(
                token,
                "\(what) stands in <\(name(element))>, where no escaping makes it safe; put it into a data- attribute, "
                    + "or into a file of its own")
        case .bang, .declaration:
            throw fault(token, "\(what) stands in a declaration, where no value may")
        }
        let attribute = name(attribute)
        guard !attribute.hasPrefix("on"), attribute != "style", attribute != "srcdoc" else {
            throw fault(token, "\(what) stands in '\(attribute)', which is code; choose a class, or a data- attribute")
        }
        guard token.kind != .raw else {
            throw fault(token, "\(what) is HTML and stands in the attribute '\(attribute)', which holds text")
        }
        guard Self.addresses.contains(attribute) else { return false }
        let start = name(value)
        guard !["javascript:", "vbscript:", "data:"].contains(where: { start.hasPrefix($0) }) else {
            throw fault(token, "\(what) stands in an address that begins with '\(start)', which is code")
        }
        guard value.isEmpty else { return false }
        guard name(element) != "script" else {
            throw fault(token, "\(what) says which script runs; begin the address with a path, such as /assets/")
        }
        return token.kind == .variable
    }

    private func misplaced(_ token: TemplateToken, _ what: String) -> TemplateError {
        fault(token, "'\(text(token))', \(what), stands \(Self.words(state)); it may stand between elements only")
    }

    private static func words(_ state: State) -> String {
        switch state {
        case .data: "between elements"
        case .quoted, .beforeValue, .bare: "in an attribute"
        case .rawText: "in a script or a style"
        case .comment: "in a comment"
        case .bang, .declaration: "in a declaration"
        case .open, .openEnd, .tagName, .tag, .endTag: "in a tag"
        }
    }

    private func text(_ token: TemplateToken) -> String {
        String(decoding: source[token.start..<token.end], as: UTF8.self)
    }
    private func name(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func fault(_ token: TemplateToken, _ message: String) -> TemplateError {
        TemplateError(file: file, line: token.line, message: message)
    }

    // MARK: Text

    private mutating func feed(_ byte: UInt8) {
        let (lower, isSpace) = (Self.lowercased(byte), TemplateScanner.isSpace(byte))
        switch state {
        case .data: if byte == UInt8(ascii: "<") { state = .open }
        case .open:
            switch lower {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): (state, element) = (.tagName, [lower])
            case UInt8(ascii: "/"): state = .openEnd
            case UInt8(ascii: "!"): (state, last) = (.bang, [])
            case UInt8(ascii: "?"): state = .declaration
            case UInt8(ascii: "<"): break
            default: state = .data
            }
        case .openEnd: state = byte == UInt8(ascii: ">") ? .data : .endTag
        case .endTag, .declaration: if byte == UInt8(ascii: ">") { state = .data }
        case .bang:
            last.append(byte)
            if last == Array("--".utf8) {
                (state, last) = (.comment, [])
            } else if byte == UInt8(ascii: ">") {
                state = .data
            } else if byte != UInt8(ascii: "-") {
                state = .declaration
            }
        case .comment:
            if byte == UInt8(ascii: ">"), last == Array("--".utf8) { state = .data }
            last = (last + [byte]).suffix(2)
        case .tagName:
            if byte == UInt8(ascii: ">") {
                closeTag()
            } else if isSpace || byte == UInt8(ascii: "/") {
                (state, attribute, isNamed) = (.tag, [], false)
            } else {
                element.append(lower)
            }
        case .tag:
            if byte == UInt8(ascii: ">") {
                closeTag()
            } else if byte == UInt8(ascii: "="), !attribute.isEmpty {
                state = .beforeValue
            } else if isSpace || byte == UInt8(ascii: "/") {
                isNamed = true
            } else {
                if isNamed { (attribute, isNamed) = ([], false) }
                attribute.append(lower)
            }
        case .beforeValue:
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                (state, value) = (.quoted(byte), [])
            } else if byte == UInt8(ascii: ">") {
                closeTag()
            } else if !isSpace {
                state = .bare
            }
        case .bare:
            if byte == UInt8(ascii: ">") {
                closeTag()
            } else if isSpace {
                (state, attribute, isNamed) = (.tag, [], false)
            }
        case .quoted(let quote):
            if byte == quote {
                (state, attribute, isNamed) = (.tag, [], false)
            } else if !isSpace, value.count < Self.kept {
                value.append(lower)
            }
        case .rawText:
            last = (last + [lower]).suffix(element.count + 2)
            if last == Array("</".utf8) + element { state = .endTag }
        }
    }

    private mutating func closeTag() {
        let isRaw = element == Array("script".utf8) || element == Array("style".utf8)
        (state, last) = (isRaw ? .rawText : .data, [])
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

/// Makes a program of a template's tokens.
struct TemplateParser {
    private let name: String
    private let file: String
    private let source: [UInt8]
    private var tokens: [TemplateToken] = []
    private var instructions: [TemplateProgram.Instruction] = []
    private var bytes: [UInt8] = []
    private var paths: [TemplateProgram.Path] = []
    private var calls: [TemplateProgram.Call] = []
    private var blocks: [String] = []
    private var indents: [[UInt8]] = []
    private var messages: [TemplateProgram.Message] = []
    /// Text before this instruction is not continued: it belongs to other content.
    private var barrier = 0
    /// The indentation that the content of the surrounding block has in the source, and loses here.
    private var stripped: ArraySlice<UInt8> = []

    static func parse(_ source: TemplateSource) throws(TemplateError) -> TemplateProgram {
        try checkUTF8(source)
        var parser = TemplateParser(source)
        var scanner = TemplateScanner(file: source.file, source: source.bytes)
        parser.tokens = try scanner.scan()
        var markup = TemplateMarkup(file: source.file, source: source.bytes)
        try markup.check(&parser.tokens)
        try TemplateLayout(file: source.file, source: source.bytes).arrange(&parser.tokens)
        try parser.body(0, parser.tokens.count)
        return TemplateProgram(
            name: source.name, file: source.file, instructions: parser.instructions, bytes: parser.bytes,
            paths: parser.paths, calls: parser.calls, blocks: parser.blocks, indents: parser.indents,
            messages: parser.messages)
    }

    private init(_ source: TemplateSource) {
        (name, file, self.source) = (source.name, source.file, source.bytes)
    }

    private static func checkUTF8(_ source: TemplateSource) throws(TemplateError) {
        guard String(validating: source.bytes, as: UTF8.self) == nil else { return }
        var line = 0
        for text in source.bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            line += 1
            guard String(validating: text, as: UTF8.self) != nil else { break }
        }
        throw TemplateError(file: source.file, line: line, message: "this line is not UTF-8")
    }

    private mutating func body(_ from: Int, _ to: Int) throws(TemplateError) {
        var index = from
        while index < to {
            let token = tokens[index]
            beginLine(token)
            switch token.kind {
            case .text: if !token.isDropped { text(token.start, token.end, token) }
            case .variable, .raw: try value(token)
            case .section, .inverted:
                let section = emit(.init(kind: token.kind == .section ? .section : .inverted, line: Int32(token.line)))
                instructions[section].a = Int32(add(try path(token.content, token), to: \.paths))
                try body(index + 1, token.match)
                beginLine(tokens[token.match])
                instructions[section].b = Int32(instructions.count)
                barrier = instructions.count
                index = token.match
            case .partial: try partial(token)
            case .parent:
                try parent(token, index)
                index = token.match
            case .block:
                try block(token, index)
                index = token.match
            case .close, .comment, .delimiters: break
            }
            index += 1
        }
    }

    /// In an indented partial the line of a tag is indented like any other, unless the tag takes its line with it.
    private mutating func beginLine(_ token: TemplateToken) {
        if token.kind != .text, token.startsLine, !token.standsAlone { text(token.start, token.start, token) }
    }

    /// Adds an instruction; content that follows begins anew.
    private mutating func emit(_ instruction: TemplateProgram.Instruction) -> Int {
        instructions.append(instruction)
        barrier = instructions.count
        return instructions.count - 1
    }

    private mutating func add<Element>(
        _ element: Element, to list: WritableKeyPath<TemplateParser, [Element]>
    ) -> Int {
        self[keyPath: list].append(element)
        return self[keyPath: list].count - 1
    }

    private mutating func text(_ from: Int, _ to: Int, _ token: TemplateToken) {
        var from = from
        if token.startsLine { from += common(source[from..<to], stripped) }
        let last = instructions.count - 1
        // The empty text that begins a tag's line stays apart, or the line would not be indented.
        if from < to, last >= barrier, instructions[last].kind == .text, (bytes.last == 0x0A) == token.startsLine,
            instructions[last].a < instructions[last].b
        {
            bytes += source[from..<to]
        } else {
            let start = Int32(bytes.count)
            bytes += source[from..<to]
            instructions.append(.init(kind: .text, flag: token.startsLine, line: Int32(token.line), a: start))
        }
        instructions[instructions.count - 1].b = Int32(bytes.count)
    }

    // MARK: Tags

    private mutating func value(_ token: TemplateToken) throws(TemplateError) {
        let words = source[token.content].split(whereSeparator: TemplateScanner.isSpace)
        if words.count > 1, words[0].elementsEqual([0x74]) {
            guard token.kind == .variable else {
                throw fault(token, "translations are text and are always escaped; write {{\(string(token.content))}}")
            }
            let message = try translation(token, words.dropFirst())
            _ = emit(.init(kind: .message, line: Int32(token.line), a: Int32(add(message, to: \.messages))))
        } else {
            let path = add(try path(token.content, token), to: \.paths)
            _ = emit(
                .init(
                    kind: .value, flag: token.kind == .raw, line: Int32(token.line), a: Int32(path),
                    b: token.beginsAddress ? 1 : 0))
        }
    }

    /// `key`, `key count`, `key count name=path`, `key name=path`.
    private func translation(
        _ token: TemplateToken, _ words: ArraySlice<ArraySlice<UInt8>>
    ) throws(TemplateError) -> TemplateProgram.Message {
        guard let key = words.first else { throw fault(token, "a translation needs a key, as in {{t courses.title}}") }
        var count: TemplateProgram.Path?
        var arguments: [(name: String, path: TemplateProgram.Path)] = []
        for word in words.dropFirst() {
            if let sign = word.firstIndex(of: 0x3D) {
                let name = string(word.startIndex..<sign)
                guard !arguments.contains(where: { $0.name == name }), name != "count" else {
                    throw fault(token, "'\(name)' is given twice, or is the number; write {{t key number name=path}}")
                }
                arguments.append((name, try path((sign + 1)..<word.endIndex, token)))
            } else if count == nil, arguments.isEmpty {
                count = try path(word.startIndex..<word.endIndex, token)
            } else {
                throw fault(
                    token,
                    "'\(string(word.startIndex..<word.endIndex))' is one word too many; write {{t key}}, "
                        + "{{t key number}} or {{t key number name=path}}")
            }
        }
        return .init(
            key: string(key.startIndex..<key.endIndex), count: count, arguments: arguments, line: token.line)
    }

    private mutating func partial(_ token: TemplateToken) throws(TemplateError) {
        let call = add(.init(name: try target(token), arguments: [], line: token.line), to: \.calls)
        let indent = token.standsAlone ? add(indentation(token), to: \.indents) : -1
        _ = emit(.init(kind: .partial, line: Int32(token.line), a: Int32(call), b: Int32(indent)))
    }

    private mutating func parent(_ token: TemplateToken, _ index: Int) throws(TemplateError) {
        let target = try target(token)
        let indent = token.standsAlone ? add(indentation(token), to: \.indents) : -1
        let parent = emit(.init(kind: .parent, line: Int32(token.line), b: Int32(indent)))
        var arguments: [TemplateProgram.Argument] = []
        var inner = index + 1
        while inner < token.match {
            let child = tokens[inner]
            switch child.kind {
            case .text:
                guard source[child.content].allSatisfy(TemplateScanner.isSpace) else {
                    throw fault(
                        child,
                        "text directly inside {{<\(target)}} is not printed; put it into a block such as "
                            + "{{$main}}...{{/main}}")
                }
            case .comment, .delimiters: break
            case .block:
                let block = try blockName(child)
                guard !arguments.contains(where: { $0.name == block }) else {
                    throw fault(child, "block '\(block)' is given twice")
                }
                let from = instructions.count
                try content(child, inner)
                arguments.append(.init(name: block, from: from, to: instructions.count, line: child.line))
                inner = child.match
            default:
                throw fault(
                    child,
                    "only blocks stand directly inside {{<\(target)}}; put '\(string(child.start..<child.end))' "
                        + "into one, such as {{$main}}...{{/main}}")
            }
            inner += 1
        }
        let call = add(.init(name: target, arguments: arguments, line: token.line), to: \.calls)
        instructions[parent].a = Int32(call)
        instructions[parent].c = Int32(instructions.count)
        barrier = instructions.count
    }

    private mutating func block(_ token: TemplateToken, _ index: Int) throws(TemplateError) {
        let name = add(try blockName(token), to: \.blocks)
        let block = emit(.init(kind: .block, flag: !token.opensLine, line: Int32(token.line), a: Int32(name)))
        let outer = stripped
        try content(token, index)
        beginLine(tokens[token.match])
        let own = token.opensLine ? intrinsic(token, index) : lineIndentation(token)
        instructions[block].c = Int32(add(Array(own.dropFirst(common(own, outer))), to: \.indents))
        instructions[block].b = Int32(instructions.count)
        barrier = instructions.count
    }

    /// The content of a block, without the indentation that all its lines share.
    private mutating func content(_ token: TemplateToken, _ index: Int) throws(TemplateError) {
        let outer = stripped
        if token.opensLine { stripped = intrinsic(token, index) }
        barrier = instructions.count
        try body(index + 1, token.match)
        barrier = instructions.count
        stripped = outer
    }

    // MARK: Indentation

    /// The white space that all lines of a block's content begin with; that of the tag when there is no content.
    private func intrinsic(_ token: TemplateToken, _ index: Int) -> ArraySlice<UInt8> {
        var shared: ArraySlice<UInt8>?
        let end = tokens[token.match].start
        for inner in tokens[(index + 1)..<max(index + 1, token.match)] where inner.startsLine {
            let blank = blank(from: inner.start)
            guard blank.endIndex < end, source[blank.endIndex] != 0x0A, source[blank.endIndex] != 0x0D else { continue }
            shared = shared.map { $0.prefix(common($0, blank)) } ?? blank
        }
        return shared ?? lineIndentation(token)
    }

    private func blank(from start: Int) -> ArraySlice<UInt8> {
        var end = start
        while end < source.count, source[end] == 0x20 || source[end] == 0x09 { end += 1 }
        return source[start..<end]
    }

    /// The white space before a tag, when nothing else precedes it on its line.
    private func lineIndentation(_ token: TemplateToken) -> ArraySlice<UInt8> {
        var start = token.start
        while start > 0, source[start - 1] != 0x0A { start -= 1 }
        let blank = blank(from: start)
        return blank.endIndex >= token.start ? source[start..<token.start] : []
    }

    /// The same, less what the surrounding block lost.
    private func indentation(_ token: TemplateToken) -> [UInt8] {
        let own = lineIndentation(token)
        return Array(own.dropFirst(common(own, stripped)))
    }

    /// How many first bytes are the same.
    private func common(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
        zip(left, right).prefix { $0 == $1 }.count
    }

    // MARK: Names

    private func path(_ range: Range<Int>, _ token: TemplateToken) throws(TemplateError) -> TemplateProgram.Path {
        let text = string(range)
        if text == "." { return .init(parts: []) }
        let parts = source[range].split(separator: 0x2E, omittingEmptySubsequences: false)
        guard !parts.contains(where: { $0.isEmpty || !$0.allSatisfy(isNameByte) }) else {
            throw fault(
                token, "'\(text)' is no name; a name has letters, digits, - and _, and a dot between its parts")
        }
        return .init(parts: parts.map { String(decoding: $0, as: UTF8.self) })
    }

    private func target(_ token: TemplateToken) throws(TemplateError) -> String {
        let text = string(token.content)
        if text.utf8.first == 0x2A {
            throw fault(token, "'\(text)' is a dynamic name, which is not supported; choose with a section instead")
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ isNameByte($0) || $0 == 0x2E || $0 == 0x2F }) else {
            throw fault(token, "'\(text)' is no template's name; it has letters, digits, and . / - _")
        }
        return text
    }

    private func blockName(_ token: TemplateToken) throws(TemplateError) -> String {
        let text = string(token.content)
        guard !text.isEmpty, text.utf8.allSatisfy(isNameByte) else {
            throw fault(token, "'\(text)' is no block's name; it has letters, digits, - and _")
        }
        return text
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x80...: true
        default: false
        }
    }

    private func string(_ range: Range<Int>) -> String { String(decoding: source[range], as: UTF8.self) }

    private func fault(_ token: TemplateToken, _ message: String) -> TemplateError {
        TemplateError(file: file, line: token.line, message: message)
    }
}

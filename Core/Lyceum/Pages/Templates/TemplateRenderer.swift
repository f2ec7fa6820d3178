/// A part of a slot that could not be printed.
package struct TemplatePartFailure: Sendable {
    package let slot: String
    package let template: String
    package let error: TemplateError
}

/// Prints one template for one request.
struct TemplateRenderer {
    /// How deep sections, partials and blocks may be nested while printing, all together.
    static let deepest = 128

    /// The content that a parent was given, and what its own template had been given.
    final class Frame {
        let program: Int
        let arguments: [TemplateProgram.Argument]
        let outer: Frame?

        init(program: Int, arguments: [TemplateProgram.Argument], outer: Frame?) {
            (self.program, self.arguments, self.outer) = (program, arguments, outer)
        }
    }

    let library: TemplateLibrary
    /// What every page knows.
    private let common: TemplateValue
    /// Parts that could not be printed, and were left out.
    private(set) var failures: [TemplatePartFailure] = []
    let messages: [TemplateMessage]
    /// The values in which names are looked up, the innermost last.
    var stack: [TemplateValue]
    var frame: Frame?
    var depth = 0
    /// When there are more bytes than this, lists are broken off: what is printed then is of no use.
    var limit = Int.max
    /// What each line of the template being printed begins with.
    private var indent: [UInt8] = []
    /// How much of that the current line has already.
    private var indented = 0

    init(_ library: TemplateLibrary, locale: String, _ common: TemplateValue, _ value: TemplateValue) {
        (self.library, self.common) = (library, common)
        messages = library.messages.table(locale)
        if case .null = common { stack = [value] } else { stack = [common, value] }
    }

    /// Prints the instructions `from..<to` of a template.
    mutating func run(_ number: Int, _ from: Int, _ to: Int, _ out: inout [UInt8]) throws(TemplateError) {
        let program = library.programs[number]
        var index = from
        while index < to {
            let step = program.instructions[index]
            index += 1
            switch step.kind {
            case .text: text(program, step, &out)
            case .value: try print(value(program, step), program, step, &out)
            case .message: try message(number, program, step, &out)
            case .section:
                let end = Int(step.b)
                try section(try value(program, step), number, index..<end, step, &out)
                index = end
            case .inverted:
                let end = Int(step.b)
                if !(try value(program, step).isTruthy) {
                    try enter(program, step)
                    try run(number, index, end, &out)
                    depth -= 1
                }
                index = end
            case .partial, .parent:
                try enter(program, step)
                try call(number, program, step, &out)
                depth -= 1
                if step.kind == .parent { index = Int(step.c) }
            case .block:
                try enter(program, step)
                try block(number, program, step, index, &out)
                depth -= 1
                index = Int(step.b)
            }
        }
    }

    private mutating func section(
        _ value: TemplateValue, _ number: Int, _ body: Range<Int>, _ step: TemplateProgram.Instruction,
        _ out: inout [UInt8]
    ) throws(TemplateError) {
        guard value.isTruthy else { return }
        try enter(library.programs[number], step)
        if case .list(let values) = value {
            for value in values where out.count <= limit {
                stack.append(value)
                try run(number, body.lowerBound, body.upperBound, &out)
                stack.removeLast()
            }
        } else {
            stack.append(value)
            try run(number, body.lowerBound, body.upperBound, &out)
            stack.removeLast()
        }
        depth -= 1
    }

    private mutating func call(
        _ number: Int, _ program: TemplateProgram, _ step: TemplateProgram.Instruction, _ out: inout [UInt8]
    ) throws(TemplateError) {
        let target = library.targets[number][Int(step.a)]
        let (outerFrame, outerIndent) = (frame, indent)
        if step.kind == .parent {
            let arguments = program.calls[Int(step.a)].arguments
            if !arguments.isEmpty { frame = Frame(program: number, arguments: arguments, outer: frame) }
        }
        if step.b < 0 { indent = [] } else { indent += program.indents[Int(step.b)] }
        try run(target, 0, library.programs[target].instructions.count, &out)
        (frame, indent, indented) = (outerFrame, outerIndent, 0)
    }

    private mutating func block(
        _ number: Int, _ program: TemplateProgram, _ step: TemplateProgram.Instruction, _ body: Int,
        _ out: inout [UInt8]
    ) throws(TemplateError) {
        let (outerFrame, outerIndent) = (frame, indent)
        if let (given, argument) = content(program.blocks[Int(step.a)]) {
            frame = given.outer
            indent += program.indents[Int(step.c)]
            // The line of the tag has its indentation already.
            indented = step.flag ? indent.count : 0
            try run(given.program, argument.from, argument.to, &out)
        } else {
            if !step.flag { indent += program.indents[Int(step.c)] }
            try run(number, body, Int(step.b), &out)
        }
        (frame, indent, indented) = (outerFrame, outerIndent, 0)
    }

    /// What is given for a block; of several the outermost counts, so that the page has the last word over its layouts.
    func content(_ block: String) -> (Frame, TemplateProgram.Argument)? {
        var found: (Frame, TemplateProgram.Argument)?
        var next = frame
        while let frame = next {
            if let argument = frame.arguments.first(where: { $0.name == block }) { found = (frame, argument) }
            next = frame.outer
        }
        return found
    }

    mutating func enter(_ program: TemplateProgram, _ step: TemplateProgram.Instruction) throws(TemplateError) {
        depth += 1
        guard depth > Self.deepest else { return }
        throw program.error(
            Int(step.line),
            "this is nested deeper than \(Self.deepest) sections, partials and blocks; does '\(program.name)' contain "
                + "itself without end?")
    }

    // MARK: Text

    private mutating func text(
        _ program: TemplateProgram, _ step: TemplateProgram.Instruction, _ out: inout [UInt8]
    ) {
        if indent.isEmpty || step.c == step.d {
            append(program, Int(step.a), Int(step.b), &out)
        } else {
            // Each line that is not empty begins with the indentation; the first may have it already.
            var from = Int(step.a)
            for place in program.lines[Int(step.c)..<Int(step.d)] {
                append(program, from, place, &out)
                out += place == Int(step.a) ? indent.dropFirst(indented) : indent[...]
                from = place
            }
            append(program, from, Int(step.b), &out)
        }
        indented = 0
    }

    private func append(_ program: TemplateProgram, _ from: Int, _ to: Int, _ out: inout [UInt8]) {
        program.bytes.withUnsafeBufferPointer { out.append(contentsOf: UnsafeBufferPointer(rebasing: $0[from..<to])) }
    }

    // MARK: Values

    private func value(
        _ program: TemplateProgram, _ step: TemplateProgram.Instruction
    ) throws(TemplateError) -> TemplateValue {
        try find(program.paths[Int(step.a)], program, Int(step.line))
    }

    /// Looks a name up: its first part in the values from the innermost outwards, the others each in the one before.
    func find(_ path: TemplateProgram.Path, _ program: TemplateProgram, _ line: Int) throws(TemplateError)
        -> TemplateValue
    {
        guard let first = path.parts.first else { return stack[stack.count - 1] }
        var index = stack.count - 1
        while index >= 0 {
            if case .object(let object) = stack[index], let value = object[first] {
                return path.parts.count == 1 ? value : try descend(value, path, program, line)
            }
            index -= 1
        }
        var known: Set<String> = []
        for case .object(let object) in stack { known.formUnion(object.names) }
        throw program.error(line, "no '\(first)' here" + Spelling.hint(first, known: known))
    }

    private func descend(
        _ value: TemplateValue, _ path: TemplateProgram.Path, _ program: TemplateProgram, _ line: Int
    ) throws(TemplateError) -> TemplateValue {
        var value = value
        for (index, part) in path.parts.enumerated().dropFirst() {
            let before = path.parts[..<index].joined(separator: ".")
            switch value {
            case .null: return .null
            case .object(let object):
                guard let next = object[part] else {
                    throw program.error(line, "no '\(part)' in '\(before)'" + Spelling.hint(part, known: object.names))
                }
                value = next
            default:
                throw program.error(line, "'\(before)' is \(value.kind) and has no '\(part)'")
            }
        }
        return value
    }

    private init(_ outer: TemplateRenderer, _ value: TemplateValue) {
        (library, common, messages) = (outer.library, outer.common, outer.messages)
        (depth, limit) = (outer.depth + 1, outer.limit)
        if case .null = common { stack = [value] } else { stack = [common, value] }
    }

    /// Prints a part of another plugin; what is wrong with it is noted, and leaves nothing of it.
    private mutating func print(_ part: TemplatePart, _ out: inout [UInt8]) {
        guard !part.template.isEmpty else { return }
        let start = out.count
        var inner = TemplateRenderer(self, part.value)
        do throws(TemplateError) {
            let number = try library.number(part.template)
            guard inner.depth < Self.deepest else {
                throw TemplateError(
                    file: library.programs[number].file, line: 0,
                    message:
                        "the slot is nested as deep as sections, partials and blocks may be, which is \(Self.deepest)")
            }
            try inner.run(number, 0, library.programs[number].instructions.count, &out)
        } catch {
            out.removeLast(out.count - start)
            failures.append(TemplatePartFailure(slot: part.slot, template: part.template, error: error))
        }
        failures += inner.failures
    }

    /// Prints a value; `step.flag` says that the template wants it as it is.
    mutating func print(
        _ value: TemplateValue, _ program: TemplateProgram, _ step: TemplateProgram.Instruction, _ out: inout [UInt8]
    ) throws(TemplateError) {
        switch value {
        case .null: return
        case .integer(let number): TemplateEscape.append(number, to: &out)
        case .decimal(let number): TemplateEscape.append(number, to: &out)
        case .bool(let flag): TemplateEscape.append(flag ? "true" : "false", to: &out)
        case .text(let text) where !step.flag:
            let isRefused = step.b == 1 && !TemplateAddress.isHarmless(text)
            TemplateEscape.append(isRefused ? TemplateAddress.invalid : text, to: &out)
        case .translated(let text) where !step.flag: try translated(text, program, Int(step.line), &out)
        case .raw(let raw) where step.flag: out += Array(raw.html.utf8)
        case .parts(let parts) where step.flag: for part in parts { print(part, &out) }
        default: throw unprintable(value, program, step)
        }
    }

    private func unprintable(
        _ value: TemplateValue, _ program: TemplateProgram, _ step: TemplateProgram.Instruction
    ) -> TemplateError {
        let name = program.paths[Int(step.a)].name
        let message =
            switch value {
            case .text, .translated:
                "'\(name)' is plain text and cannot be printed unescaped; write {{\(name)}}, or let the program make it "
                    + "a RawHTML"
            case .raw, .parts: "'\(name)' is HTML; write {{{\(name)}}} to print it as it is"
            case .list: "'\(name)' is a list; write {{#\(name)}}...{{/\(name)}}"
            default: "'\(name)' is an object; name one of its values, or write {{#\(name)}}...{{/\(name)}}"
            }
        return program.error(Int(step.line), message)
    }

    // MARK: Words

    private func message(
        _ number: Int, _ program: TemplateProgram, _ step: TemplateProgram.Instruction, _ out: inout [UInt8]
    ) throws(TemplateError) {
        let tag = program.messages[Int(step.a)]
        let message = messages[library.keys[number][Int(step.a)]]
        let count = try count(tag, program)
        for piece in message.pieces(count: count) {
            switch piece {
            case .bytes(let bytes): out += bytes
            case .placeholder(let name):
                if name == "count", let count {
                    TemplateEscape.append(Int64(count), to: &out)
                } else if let argument = tag.arguments.first(where: { $0.name == name }) {
                    try printArgument(argument.path, program, tag, &out)
                }
            }
        }
    }

    /// The number of a translation's tag; nil when it has none.
    func count(_ tag: TemplateProgram.Message, _ program: TemplateProgram) throws(TemplateError) -> Int? {
        guard let path = tag.count else { return nil }
        let value = try find(path, program, tag.line)
        guard case .integer(let number) = value, let count = Int(exactly: number) else {
            throw program.error(
                tag.line, "'\(path.name)' is \(value.kind); the number of '\(tag.key)' must be a whole number")
        }
        return count
    }

    func printArgument(
        _ path: TemplateProgram.Path, _ program: TemplateProgram, _ tag: TemplateProgram.Message, _ out: inout [UInt8]
    ) throws(TemplateError) {
        let value = try find(path, program, tag.line)
        switch value {
        case .null: return
        case .text(let text): TemplateEscape.append(text, to: &out)
        case .integer(let number): TemplateEscape.append(number, to: &out)
        case .decimal(let number): TemplateEscape.append(number, to: &out)
        case .translated(let text): try translated(text, program, tag.line, &out)
        default:
            throw program.error(
                tag.line, "'\(path.name)' is \(value.kind) and cannot stand in '\(tag.key)'; give it text or a number")
        }
    }

    private func translated(
        _ text: Text, _ program: TemplateProgram, _ line: Int, _ out: inout [UInt8]
    ) throws(TemplateError) {
        guard let number = library.messages.numbers[text.key] else {
            let near = Spelling.nearest(to: text.key, among: library.messages.numbers.keys)
            throw program.error(
                line, "no language has a translation '\(text.key)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
        }
        let message = messages[number]
        if message.isPlural, text.count == nil {
            throw program.error(
                line, "'\(text.key)' has plural forms and needs a number: Text(\"\(text.key)\", count: 2)")
        }
        for piece in message.pieces(count: text.count) {
            switch piece {
            case .bytes(let bytes): out += bytes
            case .placeholder(let name):
                if name == "count", let count = text.count {
                    TemplateEscape.append(Int64(count), to: &out)
                } else if let argument = text.arguments.first(where: { $0.name == name }) {
                    TemplateEscape.append(argument.value, to: &out)
                } else {
                    throw program.error(line, "'\(text.key)' says {\(name)}, which its Text does not give")
                }
            }
        }
    }
}

/// A template, parsed: instructions in one flat list, and what they point at.
///
/// Instructions are plain numbers, so that walking over them counts no references.
final class TemplateProgram: Sendable {
    struct Instruction: Sendable {
        enum Kind: UInt8, Sendable {
            /// Text: the bytes `a..<b`, lines `c..<d`. The flag says that it begins a line of the template.
            case text
            /// A value: path `a`. The flag says that it is printed as it is.
            case value
            /// A section and an inverted one: path `a`, content up to instruction `b`.
            case section, inverted
            /// A partial: call `a`, indentation `b` (-1: it does not stand alone on its line).
            case partial
            /// A parent: the same, with arguments in the call; its arguments' content reaches to instruction `c`.
            case parent
            /// A block: block `a`, default content up to instruction `b`, indentation `c`. The flag says that content
            /// goes on in the line of the tag.
            case block
            /// Words: message `a`.
            case message
        }

        var kind: Kind
        var flag = false
        var line: Int32
        var a: Int32 = 0
        var b: Int32 = 0
        var c: Int32 = 0
        var d: Int32 = 0
    }

    /// A name such as `course.title`, split; empty for `.`.
    struct Path: Sendable {
        let parts: [String]
        var name: String { parts.isEmpty ? "." : parts.joined(separator: ".") }
    }

    /// The content that a parent is given for a block: instructions of the giving template.
    struct Argument: Sendable {
        let name: String
        let from: Int
        let to: Int
        let line: Int
    }

    /// A partial or a parent.
    struct Call: Sendable {
        let name: String
        let arguments: [Argument]
        let line: Int
    }

    /// A translation with what stands in it.
    struct Message: Sendable {
        let key: String
        let count: Path?
        let arguments: [(name: String, path: Path)]
        let line: Int
    }

    let name: String
    let file: String
    let instructions: [Instruction]
    let bytes: [UInt8]
    /// The bytes before which indentation goes: where lines begin, other than empty ones.
    let lines: [Int]
    let paths: [Path]
    let calls: [Call]
    let blocks: [String]
    let indents: [[UInt8]]
    let messages: [Message]

    init(
        name: String, file: String, instructions: [Instruction], bytes: [UInt8], paths: [Path], calls: [Call],
        blocks: [String], indents: [[UInt8]], messages: [Message]
    ) {
        var (instructions, lines) = (instructions, [Int]())
        for index in instructions.indices where instructions[index].kind == .text {
            instructions[index].c = Int32(lines.count)
            let (from, to) = (Int(instructions[index].a), Int(instructions[index].b))
            if instructions[index].flag, from == to { lines.append(from) }
            for place in from..<to where bytes[place] != 0x0A && bytes[place] != 0x0D {
                if place == from ? instructions[index].flag : bytes[place - 1] == 0x0A { lines.append(place) }
            }
            instructions[index].d = Int32(lines.count)
        }
        (self.name, self.file, self.instructions, self.bytes) = (name, file, instructions, bytes)
        (self.lines, self.paths, self.calls, self.blocks) = (lines, paths, calls, blocks)
        (self.indents, self.messages) = (indents, messages)
    }

    func error(_ line: Int, _ message: String) -> TemplateError {
        TemplateError(file: file, line: line, message: message)
    }
}

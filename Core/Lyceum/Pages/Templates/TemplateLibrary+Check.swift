extension TemplateLibrary {
    /// Everything that is wrong with a template, given a value of the kind that it is going to print.
    ///
    /// Unlike printing, it goes into both ways of a condition and does not stop at the first fault: into a section whose
    /// sample is false, and into an inverted one whose sample is true. Only what hangs on null or on an empty list cannot
    /// be seen, because nothing says what would be in it; so a good sample has an element in each list and nothing null.
    /// It also names values of the page that hide those that every page knows.
    /// - Returns: the faults in the order in which they were met, each once; empty when all is well.
    public func check(
        _ name: String, _ sample: TemplateValue, over common: TemplateValue = .null, locale: String = "en"
    ) -> [TemplateError] {
        do throws(TemplateError) {
            let program = try number(name)
            var checker = TemplateChecker(renderer: TemplateRenderer(self, locale: locale, common, sample))
            if case .object(let own) = sample, case .object(let shared) = common {
                for name in own.names where shared[name] != nil {
                    checker.add(
                        programs[program].error(
                            0, "the page's '\(name)' hides the '\(name)' that every page knows; call it something else")
                    )
                }
            }
            checker.run(program, 0, programs[program].instructions.count)
            if checker.faults.isEmpty {
                // What never ends is only seen by really printing.
                var ignored: [UInt8] = []
                try render(name, sample, over: common, locale: locale, into: &ignored)
            }
            return checker.faults
        } catch {
            return [error]
        }
    }
}

/// Walks through all branches of a template and collects what is wrong.
struct TemplateChecker {
    var renderer: TemplateRenderer
    private(set) var faults: [TemplateError] = []
    /// How often each template is being walked through; a partial that contains itself is entered a few times only.
    private var visits: [Int: Int] = [:]
    /// What was printed, of no interest.
    private var ignored: [UInt8] = []

    init(renderer: TemplateRenderer) { self.renderer = renderer }

    mutating func add(_ fault: TemplateError) {
        if !faults.contains(fault) { faults.append(fault) }
    }

    mutating func run(_ number: Int, _ from: Int, _ to: Int) {
        let library = renderer.library
        let program = library.programs[number]
        var index = from
        while index < to {
            let step = program.instructions[index]
            index += 1
            do throws(TemplateError) {
                switch step.kind {
                case .text: continue
                case .value:
                    let value = try renderer.find(program.paths[Int(step.a)], program, Int(step.line))
                    try renderer.print(value, program, step, &ignored)
                case .message: try message(program, program.messages[Int(step.a)])
                case .section, .inverted:
                    let body = index..<Int(step.b)
                    index = Int(step.b)
                    try section(number, program, step, body)
                case .partial, .parent:
                    if step.kind == .parent { index = Int(step.c) }
                    try call(number, program, step)
                case .block:
                    let body = index
                    index = Int(step.b)
                    try block(number, program, step, body)
                }
            } catch {
                add(error)
            }
            ignored.removeAll(keepingCapacity: true)
        }
    }

    private mutating func section(
        _ number: Int, _ program: TemplateProgram, _ step: TemplateProgram.Instruction, _ body: Range<Int>
    ) throws(TemplateError) {
        let value = try renderer.find(program.paths[Int(step.a)], program, Int(step.line))
        try renderer.enter(program, step)
        defer { renderer.depth -= 1 }
        if step.kind == .inverted {
            run(number, body.lowerBound, body.upperBound)
            return
        }
        let values: [TemplateValue] =
            switch value {
            case .null: []
            case .list(let elements): elements
            default: [value]
            }
        for value in values {
            renderer.stack.append(value)
            run(number, body.lowerBound, body.upperBound)
            renderer.stack.removeLast()
        }
    }

    private mutating func call(
        _ number: Int, _ program: TemplateProgram, _ step: TemplateProgram.Instruction
    ) throws(TemplateError) {
        let library = renderer.library
        let target = library.targets[number][Int(step.a)]
        guard visits[target, default: 0] < 3 else { return }
        try renderer.enter(program, step)
        let outer = renderer.frame
        let arguments = program.calls[Int(step.a)].arguments
        if !arguments.isEmpty { renderer.frame = .init(program: number, arguments: arguments, outer: outer) }
        visits[target, default: 0] += 1
        run(target, 0, library.programs[target].instructions.count)
        visits[target, default: 0] -= 1
        renderer.frame = outer
        renderer.depth -= 1
    }

    private mutating func block(
        _ number: Int, _ program: TemplateProgram, _ step: TemplateProgram.Instruction, _ body: Int
    ) throws(TemplateError) {
        try renderer.enter(program, step)
        let outer = renderer.frame
        if let (given, argument) = renderer.content(program.blocks[Int(step.a)]) {
            renderer.frame = given.outer
            run(given.program, argument.from, argument.to)
        } else {
            run(number, body, Int(step.b))
        }
        renderer.frame = outer
        renderer.depth -= 1
    }

    private mutating func message(
        _ program: TemplateProgram, _ tag: TemplateProgram.Message
    ) throws(TemplateError) {
        _ = try renderer.count(tag, program)
        for argument in tag.arguments { try renderer.printArgument(argument.path, program, tag, &ignored) }
    }
}

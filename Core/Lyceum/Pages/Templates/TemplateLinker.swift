/// Joins parsed templates: finds the template of each partial, the blocks of each parent, the words of each key.
struct TemplateLinker {
    let programs: [TemplateProgram]
    let numbers: [String: Int]
    let messages: TemplateMessages

    func link() throws(TemplateError) -> (targets: [[Int]], keys: [[Int]]) {
        var targets: [[Int]] = []
        var keys: [[Int]] = []
        for program in programs {
            targets.append(try self.targets(program))
            keys.append(try self.keys(program))
        }
        try checkBlocks(targets)
        try checkEndless(targets)
        return (targets, keys)
    }

    private func targets(_ program: TemplateProgram) throws(TemplateError) -> [Int] {
        var found: [Int] = []
        for call in program.calls {
            guard let number = numbers[call.name] else {
                throw program.error(
                    call.line, "there is no template '\(call.name)'" + Spelling.hint(call.name, known: numbers.keys))
            }
            found.append(number)
        }
        return found
    }

    /// A parent offers the blocks in it and in all templates that it uses itself.
    private func checkBlocks(_ targets: [[Int]]) throws(TemplateError) {
        for (number, program) in programs.enumerated() {
            for (call, target) in zip(program.calls, targets[number]) where !call.arguments.isEmpty {
                let offered = offered(target, targets)
                for argument in call.arguments where !offered.contains(argument.name) {
                    throw program.error(
                        argument.line,
                        "'\(call.name)' has no block '\(argument.name)'" + Spelling.hint(argument.name, known: offered))
                }
            }
        }
    }

    private func offered(_ number: Int, _ targets: [[Int]]) -> Set<String> {
        var seen: Set<Int> = [number]
        var open = [number]
        var names: Set<String> = []
        while let next = open.popLast() {
            names.formUnion(programs[next].blocks)
            for target in targets[next] where seen.insert(target).inserted { open.append(target) }
        }
        return names
    }

    /// A template that contains itself under no condition can never be printed.
    private func checkEndless(_ targets: [[Int]]) throws(TemplateError) {
        let always = programs.indices.map { calls(always: programs[$0], targets[$0]) }
        // 0: not seen, 1: on the way, 2: done.
        var state = [Int](repeating: 0, count: programs.count)
        for start in programs.indices where state[start] == 0 {
            var way = [(template: start, next: 0)]
            state[start] = 1
            while let (template, next) = way.last {
                guard next < always[template].count else {
                    state[template] = 2
                    way.removeLast()
                    continue
                }
                way[way.count - 1].next += 1
                let call = always[template][next]
                if state[call.target] == 1 {
                    throw programs[template].error(
                        call.line,
                        "'\(programs[call.target].name)' contains itself without end; put {{> ...}} into a section")
                }
                if state[call.target] == 0 {
                    state[call.target] = 1
                    way.append((call.target, 0))
                }
            }
        }
    }

    /// The calls outside all sections, blocks and contents of blocks.
    private func calls(always program: TemplateProgram, _ targets: [Int]) -> [(target: Int, line: Int)] {
        var found: [(target: Int, line: Int)] = []
        var index = 0
        while index < program.instructions.count {
            let step = program.instructions[index]
            index += 1
            switch step.kind {
            case .section, .inverted, .block: index = Int(step.b)
            case .partial, .parent:
                found.append((targets[Int(step.a)], Int(step.line)))
                if step.kind == .parent { index = Int(step.c) }
            case .text, .value, .message: continue
            }
        }
        return found
    }

    private func keys(_ program: TemplateProgram) throws(TemplateError) -> [Int] {
        var found: [Int] = []
        for tag in program.messages {
            guard let number = messages.numbers[tag.key] else {
                let near = Spelling.nearest(to: tag.key, among: messages.numbers.keys)
                throw program.error(
                    tag.line,
                    "no language has a translation '\(tag.key)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
            }
            try messages.everywhere(number) { message throws(TemplateError) in
                if message.isPlural, tag.count == nil {
                    throw program.error(
                        tag.line,
                        "'\(tag.key)' has plural forms in \(message.locale) and needs a number: {{t \(tag.key) number}}"
                    )
                }
                let given = tag.arguments.map(\.name) + (tag.count == nil ? [] : ["count"])
                for name in message.placeholders.sorted() where !given.contains(name) {
                    let hint = given.isEmpty ? "; the tag gives nothing" : Spelling.hint(name, known: given)
                    throw program.error(
                        tag.line,
                        "'\(tag.key)' says {\(name)} in \(message.locale), which this tag does not give" + hint)
                }
            }
            found.append(number)
        }
        return found
    }
}

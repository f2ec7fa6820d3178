internal import Foundation
internal import Kernel

/// Where a rollback leads: to a generation that served before, as it is kept.
struct StepBack {
    /// The generation that is to be repeated.
    let number: Int
    /// The one that it is, which it may repeat itself.
    let name: Int
    /// The generation itself.
    let generation: Generation
    /// What becomes otherwise by it.
    let changes: [Outline.Change]

    /// - Parameter number: which one; nil for the one that served before, past the steps that a `disable` took on its way and
    ///   those that were as what serves is.
    /// - Throws: ``Failure`` where nothing serves, and where there is nothing to go back to.
    init(_ state: StateDirectory, to number: Int?) throws {
        let generations = Generations(state: state)
        let now = RunningSupervisor.revision(state)
        let serving = try GenerationFile.read(directory: generations.directory(now))
        let outline = try Outline.read(directory: generations.directory(now))
        self.number = try StepBack.target(generations, to: number, present: serving.restored ?? now, now, outline)
        let directory = generations.directory(self.number)
        generation = try GenerationFile.read(directory: directory)
        name = generation.restored ?? self.number
        changes = try outline.changes(to: Outline.read(directory: directory))
    }

    private static func target(
        _ generations: Generations, to number: Int?, present: Int, _ now: Int, _ outline: Outline
    ) throws -> Int {
        let served = generations.served.filter {
            FileManager.default.fileExists(atPath: generations.directory($0) + "/" + GenerationFile.name)
        }
        let list = served.filter { $0 != now }.map { "\($0)" }.joined(separator: ", ")
        if let number {
            guard served.contains(number), number != now else {
                throw Failure(
                    "generation \(number) is none to go back to; \(list.isEmpty ? "there is none" : "there are \(list)")"
                )
            }
            return number
        }
        // What repeats another one stands where that one stood.
        var place = served.firstIndex(of: present) ?? served.firstIndex(of: now) ?? served.count
        while place > 0 {
            place -= 1
            let one = try Outline.read(directory: generations.directory(served[place]))
            if one == outline { continue }
            if place > 0, let before = try? Outline.read(directory: generations.directory(served[place - 1])),
                one.isStepOfDisable(after: before, now: outline)
            {
                continue
            }
            return served[place]
        }
        throw Failure(
            "no generation that served before is kept that differs from what serves"
                + (list.isEmpty ? "" : "; for --to there are \(list)"))
    }
}

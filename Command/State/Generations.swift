internal import Foundation
internal import Kernel

/// The generations of an installation: directories that are complete from the moment they have their names.
///
///     (nothing) ──reserve──▶ N.making ──publish──▶ N ──serves──▶ in the list of those that served
///                                                  └── older than the last few, of which none serves ──▶ removed
struct Generations {
    let state: StateDirectory

    /// The highest number that was given out, whether its generation was published or not; 0 when none was.
    var last: Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: state.generations)) ?? []
        return names.compactMap { Int($0.split(separator: ".").first ?? "") }.max() ?? 0
    }

    /// Gives out the next number.
    ///
    /// What is read afterwards is part of that generation, so that whoever changed something before
    /// a number was given out finds it in that generation.
    func reserve() throws -> Int {
        while true {
            let revision = last + 1
            if mkdir(making(revision), 0o700) == 0 { return revision }
            guard errno == EEXIST else {
                throw Failure("\(making(revision)) cannot be made: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Writes a generation under its reserved number, with copies of the third parties' libraries, and returns its directory.
    ///
    /// - Parameters:
    ///   - plans: its regions, resolved, to outline it beside.
    ///   - cause: what asked for it, for whoever lists them.
    func publish(_ generation: Generation, _ plans: [RegionPlan], cause: String?) throws -> String {
        var generation = generation
        let outline = try Outline(generation, plans)
        let temporary = making(generation.revision)
        let directory = "\(state.generations)/\(generation.revision)"
        for index in generation.libraries.indices {
            // A copy: the operator may put the next build in the old one's place while this one is mapped.
            let name = "\(generation.libraries[index].id).so"
            do {
                // Of a link, what it leads to: the copy of a link would follow it to the next build.
                let library = URL(filePath: generation.libraries[index].path).resolvingSymlinksInPath().path
                try FileManager.default.copyItem(atPath: library, toPath: temporary + "/" + name)
            } catch {
                throw Failure("\(generation.libraries[index].path) cannot be copied to \(temporary): \(reason(error))")
            }
            generation.libraries[index].path = directory + "/" + name
        }
        try GenerationFile.write(generation, directory: temporary)
        try outline.write(directory: temporary)
        if let cause { try write(cause + "\n", to: temporary + "/" + Generations.cause) }
        guard rename(temporary, directory) == 0 else {
            throw Failure("\(temporary) cannot become \(directory): \(String(cString: strerror(errno)))")
        }
        removeOld(before: generation.revision)
        return directory
    }

    /// The name of the file within a generation's directory that says what asked for it.
    static let cause = "cause"

    /// Takes a reserved number back.
    func abandon(_ revision: Int) { try? FileManager.default.removeItem(atPath: making(revision)) }

    /// Takes all reserved numbers back, once nobody makes a generation.
    func abandonAll() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: state.generations)) ?? []
        for name in names where name.hasSuffix(".making") {
            try? FileManager.default.removeItem(atPath: state.generations + "/" + name)
        }
    }

    /// Those whose directories are there, oldest first, and whether they are complete.
    var all: [(number: Int, isWhole: Bool)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: state.generations)) ?? []
        return names.compactMap { name in
            let parts = name.split(separator: ".")
            guard let number = parts.first.flatMap({ Int($0) }) else { return nil }
            return (number, parts.count == 1)
        }.sorted { $0.number < $1.number }
    }

    /// The directory of a generation.
    func directory(_ revision: Int) -> String { "\(state.generations)/\(revision)" }

    /// Those that have served, oldest first, as far as they are kept.
    var served: [Int] {
        let text = (try? String(contentsOfFile: state.served, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { Int($0) }
    }

    /// Writes down that a generation serves now.
    func serves(_ revision: Int) throws {
        let list = (served.filter { $0 != revision } + [revision]).suffix(Generations.kept)
        try write(list.map { "\($0)\n" }.joined(), to: state.served)
    }

    /// How many of those that served are kept, and how many of the last ones whether they did or not.
    private static let kept = 8

    /// Keeps the last few, for a look at what was and to go back to; processes that drain have read theirs long ago.
    private func removeOld(before revision: Int) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: state.generations)) ?? []
        // Were many refused one after the other, that which serves would be among the old.
        let needed = Set(served)
        for name in names {
            guard let number = Int(name.split(separator: ".").first ?? ""), number <= revision - Generations.kept,
                !needed.contains(number)
            else { continue }
            try? FileManager.default.removeItem(atPath: state.generations + "/" + name)
        }
    }

    private func making(_ revision: Int) -> String { "\(state.generations)/\(revision).making" }
}

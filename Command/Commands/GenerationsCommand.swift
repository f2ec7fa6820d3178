internal import ArgumentParser
internal import Foundation
internal import Kernel
internal import Lyceum

/// The command `lyceum generations`.
struct GenerationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generations",
        abstract: "List the generations that are kept: which serves, and where a rollback leads.",
        discussion: """
            A generation is a directory with copies of the libraries and all settings, and is never changed. Its state is one of

              serving     its processes answer, and none of another is left
              previous    `lyceum rollback` makes it serve again
              served      it served, and `lyceum rollback --to` makes it serve again
              unused      it is being taken up, or was refused, or its processes did not start
              making      it is being written

            Example:
              lyceum generations --json
            """)

    @OptionGroup var site: Site
    @OptionGroup var output: OutputChoice

    /// A generation, for programs.
    private struct Shown: Encodable {
        var generation: Int
        /// RFC 3339; null while it is being written.
        @OrNull var madeAt: String?
        @OrNull var cause: String?
        var state: String
        @OrNull var restored: Int?
        var bytes: Int
    }

    func run() throws {
        try site.state.check()
        let generations = Generations(state: site.state)
        let previous = Serving(site.state).flatMap { _ in try? StepBack(site.state, to: nil).number }
        let all = generations.all.map { one in
            shown(one.number, isWhole: one.isWhole, generations, previous: previous)
        }
        if output.json { return tell(json: all) }
        let rows = all.map { one in
            [
                "\(one.generation)", one.madeAt ?? "", one.state + (one.restored.map { ", as \($0) was" } ?? ""),
                Self.size(one.bytes), one.cause ?? "",
            ]
        }
        Table.show(["generation", "made", "state", "size", "asked for by"], rows, json: false)
    }

    private func shown(_ number: Int, isWhole: Bool, _ generations: Generations, previous: Int?) -> Shown {
        let directory = generations.directory(number) + (isWhole ? "" : ".making")
        let files = FileManager.default
        let attributes = ((try? files.contentsOfDirectory(atPath: directory)) ?? []).compactMap { name in
            (try? files.attributesOfItem(atPath: directory + "/" + name)).map { (name, $0) }
        }
        let made = attributes.first { $0.0 == GenerationFile.name }?.1[.modificationDate] as? Date
        let cause = try? String(contentsOfFile: directory + "/" + Generations.cause, encoding: .utf8)
        let serving = KnownProcess(file: site.state.supervisorPid) == nil ? 0 : RunningSupervisor.revision(site.state)
        let state =
            !isWhole
            ? "making"
            : number == serving
                ? "serving"
                : number == previous ? "previous" : generations.served.contains(number) ? "served" : "unused"
        return Shown(
            generation: number,
            madeAt: isWhole
                ? made.map { Instant(microseconds: Int64($0.timeIntervalSince1970) * 1_000_000).description } : nil,
            cause: cause?.trimmingCharacters(in: .whitespacesAndNewlines), state: state,
            restored: try? GenerationFile.read(directory: directory).restored,
            bytes: attributes.reduce(0) { $0 + (($1.1[.size] as? Int) ?? 0) })
    }

    /// In the largest unit of which there is one.
    private static func size(_ bytes: Int) -> String {
        bytes >= 1 << 20
            ? "\((bytes + (1 << 19)) >> 20) MiB" : bytes >= 1 << 10 ? "\((bytes + 512) >> 10) KiB" : "\(bytes) B"
    }
}

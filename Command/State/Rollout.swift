internal import Foundation
internal import Kernel
internal import PostgreSQL

/// A change on its way to all processes of all hosts that serve the regions it is about.
struct Rollout {
    /// A decision in a region's database, which its hosts take up.
    struct Wanted {
        let region: String
        /// The decision's number; 0 in a database that does not count them.
        let revision: Int
        let connection: Connection
    }

    /// How a host stands.
    private enum Standing: Equatable {
        case waits(String)
        case refuses(String)
    }

    private let state: StateDirectory
    private let wanted: [Wanted]
    private let own: String?
    private let patience: Int

    /// - Parameter own: the host whose processes this command asks itself, which are not waited for by the databases.
    init(_ state: StateDirectory, _ wanted: [Wanted], own: String?, _ patience: Patience) {
        (self.state, self.wanted, self.own, self.patience) = (state, wanted, own, patience.wait)
    }

    /// The id of this host, if it serves.
    static func servingHost(_ state: StateDirectory) throws -> String? {
        KnownProcess(file: state.supervisorPid) == nil ? nil : try state.host().id
    }

    /// Has the processes of this host replaced, and waits until those of all live hosts are; says what it waits for when that
    /// takes longer than two seconds.
    ///
    /// - Parameter isRecorded: whether the change stays wanted where it is refused.
    /// - Throws: ``Failure`` that names each host that refused, with its reason, and each that is late.
    func run(isRecorded: Bool = true) throws {
        if own != nil { Rollout.sign(state) }
        let local = RunningSupervisor(state)
        let begin = Date()
        var said: [String] = []
        var served: Int?
        var failure: String?
        while true {
            var waiting: [String] = []
            var phase: String?
            if served == nil, failure == nil, let local {
                switch local.progress {
                case .under(let now):
                    phase = now
                    waiting.append("the new processes of this host: \(now)")
                case .done(let revision): served = revision
                case .failed(let reason): failure = reason
                }
            }
            let others = try standings()
            waiting += others.compactMap { if case .waits(let sentence) = $0 { sentence } else { nil } }
            let isLate = Date().timeIntervalSince(begin) > Double(patience)
            if waiting.isEmpty || isLate {
                return try conclude(served, failure, late: phase, others, isRecorded)
            }
            if Date().timeIntervalSince(begin) > 2, waiting != said {
                for sentence in waiting where !said.contains(sentence) { say("waiting: \(sentence)") }
                said = waiting
            }
            usleep(served == nil && failure == nil && local != nil ? 20_000 : 100_000)
        }
    }

    /// Writes down what asks for the next generation: this command, as it was typed, and who typed it.
    private static func sign(_ state: StateDirectory) {
        let words = CommandLine.arguments.dropFirst().joined(separator: " ").prefix(200)
        let line = "lyceum \(printable(String(words))) (\(Operator.atCommandLine.name))\n"
        // Several commands may ask at a time. A list that cannot be written holds up nobody.
        let before = (try? String(contentsOfFile: state.asked, encoding: .utf8)) ?? ""
        try? write(before + line, to: state.asked)
    }

    private func conclude(
        _ served: Int?, _ failure: String?, late: String?, _ others: [Standing], _ isRecorded: Bool
    ) throws {
        var sentences: [String] = []
        if let late {
            sentences.append(
                "this host has not taken it up after \(patience) s, and is still at it (\(late)); `lyceum regions` shows when it has"
            )
        }
        if let failure { sentences.append("the running installation goes on as before: \(failure)") }
        sentences += others.map { standing in
            switch standing {
            case .waits(let sentence): "after \(patience) s \(sentence)"
            case .refuses(let sentence): sentence
            }
        }
        if let served {
            tell("generation \(served) serves")
            for region in Serving(state)?.generation.regions ?? [] {
                for plugin in region.failed {
                    say("note: region \(region.id) is served without \(plugin.id): \(plugin.reason)")
                }
            }
        }
        for sentence in try differences(served) { say("note: \(sentence)") }
        guard sentences.isEmpty else {
            throw Failure((isRecorded ? "it is recorded, but " : "") + sentences.joined(separator: "\n"))
        }
    }

    /// The other live hosts that have not taken up what is wanted.
    private func standings() throws -> [Standing] {
        try hosts().compactMap { region, revision, host in
            guard host.revision < revision else { return nil }
            if let refused = host.refused, refused >= revision {
                return .refuses("\(host.name) goes on as before in \(region): \(host.reason ?? "it does not say why")")
            }
            return .waits("\(host.name) has not taken it up in \(region) yet")
        }
    }

    private func hosts() throws -> [(region: String, revision: Int, host: HostRecord)] {
        try wanted.flatMap { one in
            try HostRecord.all(one.connection).filter { $0.isLive && $0.id != own }
                .map { (one.region, one.revision, $0) }
        }
    }

    /// Hosts that serve a region otherwise than this one does: settings and libraries are files, which each host has itself.
    private func differences(_ served: Int?) throws -> [String] {
        guard let served, let outline = try? Outline.read(directory: Generations(state: state).directory(served)) else {
            return []
        }
        return try hosts().compactMap { region, revision, host in
            guard host.revision >= revision, let own = outline.regions.first(where: { $0.id == region }),
                host.digest != own.digest
            else { return nil }
            let how = host.plugins == own.plugins ? "the same plugins with other settings" : host.plugins
            return "\(host.name) serves \(region) otherwise: \(how)"
        }
    }
}

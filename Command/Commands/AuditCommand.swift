internal import ArgumentParser
internal import Foundation
internal import Kernel
internal import PostgreSQL

/// The command `lyceum audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Verify the audit of regions, take it away, erase a person in it.",
        discussion: """
            A region that enables the plugin `audit` records who changed what. Entries are sealed in a chain, whose heads are \
            also kept outside of the database, in the directory `audit` of the state directory.

            Example:
              lyceum audit verify --region academy
            """,
        subcommands: [Verify.self, Export.self, Erase.self])

    /// The command `lyceum audit verify`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Make sure that nothing was altered, removed or put in after it was recorded.",
            discussion: """
                Names each entry that is not as it was sealed, and a chain that was rewritten. Exit 1 when there is any.

                Example:
                  lyceum audit verify --region academy --json
                """)

        @OptionGroup var site: Site
        @OptionGroup var choice: RegionChoice
        @OptionGroup var output: OutputChoice

        func run() throws {
            let regions = try AuditRegions(site)
            var rows: [[String]] = []
            var isWell = true
            for plan in try regions.plans(choice) {
                let heads = AuditHeads(directory: site.state.audit, region: plan.entry.id)
                let result = try regions.books(plan).verify(heads: heads, progress: Self.progress(plan.entry.id))
                isWell = isWell && result.problems.isEmpty
                for problem in result.problems { rows.append([plan.entry.id, "problem", problem]) }
                if result.hasMore { rows.append([plan.entry.id, "problem", "there may be more than these"]) }
                for note in result.notes { rows.append([plan.entry.id, "note", note]) }
                rows.append([plan.entry.id, result.problems.isEmpty ? "ok" : "found", Self.summary(result)])
            }
            if rows.isEmpty, !output.json { return tell("no region keeps an audit; `lyceum enable audit` begins one") }
            Table.show(["region", "outcome", "what"], rows, json: output.json)
            if !isWell { throw ExitCode(1) }
        }

        private static func summary(_ result: AuditVerification) -> String {
            let compared =
                result.compared < result.seals
                ? ", \(result.compared) of them compared with this host's file of heads" : ""
            let begins = result.begins.map { "; what was recorded up to \($0.at) was removed for its age" } ?? ""
            return
                "\(result.entries) entries in \(result.seals) seals\(compared); \(result.unsealed) wait to be sealed\(begins)"
        }

        /// Says how far it is, every two seconds.
        private static func progress(_ region: String) -> (Int64, Int64) -> Void {
            var next = Date().addingTimeInterval(2)
            return { done, total in
                guard Date() > next else { return }
                next = Date().addingTimeInterval(2)
                say("\(region): \(done) of \(total) seals")
            }
        }
    }

    /// The command `lyceum audit export`.
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Print a region's audit, an entry as JSON on each line, the oldest first.",
            discussion: """
                Personal values are readable in it, except of persons who were erased.

                Example:
                  lyceum audit export --region academy --since 2026-11-01T00:00:00Z > audit.ndjson
                """)

        @OptionGroup var site: Site
        @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name")) var region: String
        @Option(help: ArgumentHelp("Only from this moment on. (default: all)", valueName: "moment")) var since: String?

        func run() throws {
            let regions = try AuditRegions(site)
            let books = try regions.books(try regions.plan(region))
            do {
                let count = try books.export(since: since) { try tell(whole: $0) }
                say("\(region): \(count) \(count == 1 ? "entry" : "entries")")
            } catch let error as DatabaseError where error.sqlState.hasPrefix("22") {
                throw Failure("--since \(since ?? "") is no moment; say 2026-11-01T00:00:00Z")
            }
        }
    }

    /// The command `lyceum audit erase`.
    struct Erase: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "erase",
            abstract: "Make unreadable, for good, what a region's audit recorded of a person.",
            discussion: """
                The key by which values about the person are encrypted is destroyed. That somebody did this is recorded, and \
                the audit still verifies. A person is the id of an account; visitors who were not signed in have a key for \
                each month, such as visitors:2026-11.

                Example:
                  lyceum audit erase --region academy 019a0000-0000-7000-8000-000000000001 --yes
                """)

        @OptionGroup var site: Site
        @Option(name: .shortAndLong, help: ArgumentHelp("The region.", valueName: "name")) var region: String
        @Argument(help: ArgumentHelp("The person.", valueName: "id")) var person: String
        @Flag(help: "Confirm that it cannot be undone.") var yes = false

        func validate() throws {
            guard yes else { throw ValidationError("erasing cannot be undone; add --yes to confirm it") }
        }

        func run() throws {
            let regions = try AuditRegions(site)
            guard try regions.books(try regions.plan(region)).erase(person) else {
                throw Failure("the audit of \(region) has nothing of \(person) that could be read")
            }
            tell("what the audit of \(region) recorded of \(person) cannot be read any more")
        }
    }
}

/// The regions of an installation, for what is done with their audits.
private struct AuditRegions {
    private let databases: Databases
    private let resolution: Resolution

    init(_ site: Site) throws {
        let configuration = try Configuration(directory: site.config)
        try site.state.check()
        databases = try Databases(configuration, site.state)
        resolution = try Resolution.looking(site, configuration)
    }

    /// The region that was asked for, or all that keep an audit.
    func plans(_ choice: RegionChoice) throws -> [RegionPlan] {
        try choice.region.map { [try plan($0)] } ?? resolution.plans.filter { $0.auditKeeper != nil }
    }

    func plan(_ region: String) throws -> RegionPlan { try resolution.plan(region) }

    func books(_ plan: RegionPlan) throws -> AuditBooks {
        guard let connection = try databases.administer(plan.entry), try Installer(plan).isPrepared(connection) else {
            throw Failure("region \(plan.entry.id) was never installed; run `lyceum migrate` first")
        }
        return AuditBooks(plan, connection)
    }
}

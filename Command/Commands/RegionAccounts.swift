internal import AccountsContract
internal import Kernel
internal import Lyceum

/// The accounts of a region, as an operator administers them.
struct RegionAccounts {
    private let databases: Databases
    private let plan: RegionPlan
    private let limits: Generation.Limits
    private var region: String { plan.entry.id }

    init(_ site: Site, _ region: String) throws {
        let configuration = try Configuration(directory: site.config)
        try site.state.check()
        databases = try Databases(configuration, site.state)
        plan = try Resolution.looking(site, configuration).plan(region)
        limits = configuration.installation.limits
        guard try Migration.missing(plan, databases).isEmpty else {
            throw Failure("region \(region): its database is not up to date; run `lyceum migrate` first")
        }
    }

    /// Makes sure that each role means something in the region: a misspelt one would be given and open nothing.
    func check(roles wanted: [String]) async throws {
        let known = try await administer { try await $0.roles($1) }
        for role in wanted where !known.contains(role) {
            let hint = nearest(role, known).map { "did you mean \"\($0)\"? " } ?? ""
            throw Failure(
                "there is no role \"\(role)\" in \(region); \(hint)The roles are \(known.joined(separator: ", "))")
        }
    }

    /// Runs something with the administration of the accounts, in a transaction.
    func administer<Outcome>(
        _ body: (any AccountAdministration, borrowing Transaction) async throws -> Outcome
    ) async throws -> Outcome {
        try await using(.accountAdministration, body)
    }

    /// Runs something with all that the region holds about people, in a transaction.
    func records<Outcome>(
        _ body: (any PersonalRecords, borrowing Transaction) async throws -> Outcome
    ) async throws -> Outcome {
        try await using(.personalRecords, body)
    }

    private func using<Value, Outcome>(
        _ service: Service<Value>, _ body: (Value, borrowing Transaction) async throws -> Outcome
    ) async throws -> Outcome {
        let work = try RegionWork(plan, limits)
        do {
            guard let outcome = try await work.using(service, body) else {
                throw Failure("region \(region) has no accounts: the plugin \"accounts\" is not enabled there")
            }
            return outcome
        } catch let error as any PublicError {
            throw Self.failure(error.problem)
        } catch let problem as Problem {
            throw Self.failure(problem)
        } catch let faults as Faults {
            throw Failure(faults.list.map(Self.sentence).joined(separator: "\n"))
        }
    }

    private static func failure(_ problem: Problem) -> Failure {
        let sentence = ([problem.title] + [problem.detail].compactMap { $0 }).joined(separator: " ")
        return Failure(([sentence] + problem.faults.map(Self.sentence)).joined(separator: "\n"))
    }

    /// A fault with the option that the value came by: whoever types a command knows no pointers into a body.
    private static func sentence(_ fault: Fault) -> String {
        switch fault.pointer {
        case "/email", "/name", "/role": "--\(fault.pointer.dropFirst()) \(fault.sentence)"
        case "/roles": "--role \(fault.sentence)"
        case "/password": "the password \(fault.sentence)"
        default: fault.description
        }
    }
}

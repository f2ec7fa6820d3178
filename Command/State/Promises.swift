internal import Kernel

/// What plugins owe that serve now and would not serve any more: nobody is to be let down by a file, or by a step back.
enum Promises {
    /// Why a plugin may not go while it owes something.
    struct Objection {
        /// What makes it go, before `still owes …`.
        let why: String
        /// What to do instead.
        let remedy: String
    }

    /// Makes sure that no plugin goes that owes something.
    ///
    /// At a start nothing serves, and nothing is asked. A region whose database does not answer cannot be asked either.
    ///
    /// - Parameters:
    ///   - serving: what serves.
    ///   - next: the regions as they are to be.
    ///   - registry: the plugins that they have; what goes altogether is loaded from where it serves.
    ///   - configuration: whose limits hold; nil for those that serve.
    ///   - objection: why a plugin that goes may not, by region and plugin; nil where it may.
    /// - Throws: ``Failure`` that lists what is owed.
    static func check(
        _ serving: Serving?, _ next: [RegionPlan], _ registry: Registry, _ configuration: Configuration?,
        _ objection: (String, String) -> Objection?
    ) async throws {
        guard let serving else { return }
        let all = try whole(registry, serving)
        let limits = configuration?.installation.limits ?? serving.generation.limits
        let owing = try await owing(serving.generation.regions, next, all, limits) { objection($0, $1) != nil }
        guard let one = owing.first, let objection = objection(one.region, one.plugin) else { return }
        throw Failure(
            """
            region \(one.region): \(objection.why) still owes \(one.owed.map(\.sentence).joined(separator: "; ")). \
            \(objection.remedy)
            """)
    }

    /// All plugins of a registry, and those that serve besides, loaded from where they serve.
    static func whole(_ registry: Registry, _ serving: Serving) throws -> Registry {
        var all = registry
        for library in serving.generation.libraries where all.plugins[library.id] == nil {
            guard let type = try? Loader.load(library.path, id: library.id) else { continue }
            try all.add(KnownPlugin(type, origin: .library(library.path)))
        }
        return all
    }

    /// What a plugin that goes still owes.
    struct Owing {
        let region: String
        let plugin: String
        let owed: [RegionWork.Obligation]
    }

    /// What is owed by plugins that are in regions now and would not be any more; nothing where it could not be asked, which is
    /// said.
    ///
    /// - Parameters:
    ///   - now: the regions as they are.
    ///   - next: the regions as they are to be.
    ///   - registry: the plugins that the regions have now.
    ///   - isAsked: whether a plugin is asked, by region and plugin.
    static func owing(
        _ now: [Generation.RegionEntry], _ next: [RegionPlan], _ registry: Registry, _ limits: Generation.Limits,
        _ isAsked: (String, String) -> Bool
    ) async throws -> [Owing] {
        var found: [Owing] = []
        for entry in now {
            let stays = next.first { $0.entry.id == entry.id }?.entry.plugins.map(\.id) ?? []
            let gone = entry.plugins.map(\.id).filter { !stays.contains($0) }
            guard !gone.isEmpty else { continue }
            let plan: RegionPlan
            do { plan = try RegionPlan(entry, registry) } catch {
                say("region \(entry.id): what \(gone.joined(separator: " and ")) may owe was not asked: \(error)")
                continue
            }
            let owing = gone.filter { plan.owesAnything($0) && isAsked(entry.id, $0) }
            guard !owing.isEmpty else { continue }
            if let silence = Reach.ask([entry])[entry.id]?.silence {
                say("region \(entry.id): what \(owing.joined(separator: " and ")) may owe was not asked: \(silence)")
                continue
            }
            let work = try RegionWork(plan, limits)
            for plugin in owing {
                let owed = try await work.obligations(of: plugin)
                if !owed.isEmpty { found.append(Owing(region: entry.id, plugin: plugin, owed: owed)) }
            }
        }
        return found
    }
}

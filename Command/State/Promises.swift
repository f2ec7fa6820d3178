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
        var all = registry
        for library in serving.generation.libraries where all.plugins[library.id] == nil {
            guard let type = try? Loader.load(library.path, id: library.id) else { continue }
            try all.add(KnownPlugin(type, origin: .library(library.path)))
        }
        for entry in serving.generation.regions {
            let stays = next.first { $0.entry.id == entry.id }?.entry.plugins.map(\.id) ?? []
            let gone = entry.plugins.map(\.id).filter { !stays.contains($0) }
            guard !gone.isEmpty else { continue }
            let plan: RegionPlan
            do { plan = try RegionPlan(entry, all) } catch {
                say("region \(entry.id): what \(gone.joined(separator: " and ")) may owe was not asked: \(error)")
                continue
            }
            let owing = gone.filter { plan.owesAnything($0) }
            guard !owing.isEmpty else { continue }
            if let silence = Reach.ask([entry])[entry.id]?.silence {
                say("region \(entry.id): what \(owing.joined(separator: " and ")) may owe was not asked: \(silence)")
                continue
            }
            let work = try RegionWork(plan, configuration?.installation.limits ?? serving.generation.limits)
            for plugin in owing {
                guard let objection = objection(entry.id, plugin) else { continue }
                let owed = try await work.obligations(of: plugin)
                guard !owed.isEmpty else { continue }
                throw Failure(
                    """
                    region \(entry.id): \(objection.why) still owes \(owed.map(\.sentence).joined(separator: "; ")). \
                    \(objection.remedy)
                    """)
            }
        }
    }
}

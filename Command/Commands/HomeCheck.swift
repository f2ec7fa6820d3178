internal import Kernel

/// The pages that the regions' front doors lead to.
enum HomeCheck {
    /// A sentence for each region whose `home` is a page of a plugin that its file lists and that an operator disabled.
    static func notes(_ resolution: Resolution) -> [String] {
        resolution.plans.filter { !$0.hasHome }.compactMap { plan in
            disabled(plan, resolution).map { plugins in
                """
                region \(plan.entry.id): its home \(plan.entry.home) is a page of a plugin that was disabled \
                (\(plugins.joined(separator: ", "))); until that is enabled, / is a front page without any
                """
            }
        }
    }

    /// The disabled plugins with which a region would have its home; nil where it would not have it with them either.
    private static func disabled(_ plan: RegionPlan, _ resolution: Resolution) -> [String]? {
        let listed = resolution.configuration.regions.first { $0.id == plan.entry.id }?.plugins ?? []
        let records = resolution.records[plan.entry.id] ?? []
        let plugins = listed.filter { plugin in
            records.contains { $0.id == plugin.id && $0.decision == .disabled }
        }
        var entry = plan.entry
        entry.plugins += plugins
        guard (try? RegionPlan(entry, resolution.registry))?.hasHome == true else { return nil }
        return plugins.map(\.id)
    }

    /// A sentence for each region whose `home` is no page of it, whatever was decided.
    static func problems(_ resolution: Resolution) -> [ConfigurationProblem] {
        resolution.plans.filter { !$0.hasHome && disabled($0, resolution) == nil }.compactMap { plan in
            guard let region = resolution.configuration.regions.first(where: { $0.id == plan.entry.id }) else {
                return nil
            }
            let pages = plan.pages.filter { !$0.contains("{") }.sorted()
            return region.file.problem(
                """
                must be a page of a plugin that is enabled in the region, or / for a front page without any; \
                "\(plan.entry.home)" is none. There are \((["/"] + pages).joined(separator: ", "))
                """, at: "/home")
        }
    }
}

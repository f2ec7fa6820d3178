internal import Kernel

/// The pages that the regions' front doors lead to.
enum HomeCheck {
    /// A sentence for each region whose `home` is no page of it.
    static func problems(_ resolution: Resolution) -> [ConfigurationProblem] {
        resolution.plans.filter { !$0.hasHome }.compactMap { plan in
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

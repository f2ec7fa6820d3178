extension RegionPlan {
    /// Whether the region's `home` is the address of a page that one of its plugins has, or `/`, the front page of its own.
    ///
    /// A plugin that is disabled takes its pages with it, and then the home may lead nowhere.
    public var hasHome: Bool {
        guard entry.home != "/" else { return true }
        let wanted = entry.home.prefix { $0 != "?" && $0 != "#" }.split(separator: "/")
        return pages.contains { page in
            let steps = page.split(separator: "/")
            return steps.count == wanted.count && zip(steps, wanted).allSatisfy { $0.first == "{" || $0 == $1 }
        }
    }

    /// The addresses of the pages that can be looked at, `{…}` where any value may stand.
    public var pages: [String] { addresses.filter { $0.method == "GET" && !$0.path.hasPrefix("/api/") }.map(\.path) }
}

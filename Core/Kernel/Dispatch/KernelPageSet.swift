internal import JSON
internal import Lyceum

/// The pages that belong to no region: the index of regions, and what is wrong where no region is known.
final class KernelPageSet: Sendable {
    private let library: TemplateLibrary

    init() throws {
        library = try TemplateLibrary(KernelTemplates.all, catalogue: RegionWords(PluginWords.ofPages).catalogue)
    }

    /// Writes the index of all regions with what runs in each, which a developer's installation shows.
    func writeIndex(_ installation: Installation, _ request: Request, _ response: Response) throws {
        // The host of a region is its name before ours, whatever port we are reached at.
        let host = request.parameters.host.map { String(cString: $0) } ?? "localhost"
        let scheme = request.isSecure ? "https" : "http"
        let entries: [TemplateValue] = zip(installation.services, installation.plans).map { service, plan in
            let region = service.region
            let plugins = plan.plugins.map(\.plugin.manifest)
            return [
                "plugins": .list(plugins.map { ["id": .text($0.id), "version": .text("\($0.version)")] }),
                "name": .text(region.id), "title": .text(region.title), "description": .text(region.about),
                "link": .text("\(scheme)://\(region.id).\(host)/"),
            ]
        }
        try render("lyceum.regions", ["regions": .list(entries)], "Lyceum", response)
    }

    /// Writes a problem as a page; false when that fails too.
    func write(_ problem: Problem, _ request: Request, _ response: Response) -> Bool {
        do {
            try render("lyceum.error", ProblemWriter.view(problem, request), .text(problem.title), response)
            return true
        } catch {
            response.body.reset()
            return false
        }
    }

    private func render(
        _ name: String, _ view: TemplateValue, _ title: TemplateValue, _ response: Response
    ) throws {
        let common: TemplateValue = [
            "page": ["title": title],
            "region": ["id": "", "title": "Lyceum", "locale": "en", "direction": "ltr", "isRightToLeft": false],
            "user": .null, "csrf": .null, "signIn": .null, "signOut": .null, "accountPage": .null, "notice": .null,
            "refresh": .null,
            "navigation": [],
        ]
        var bytes: [UInt8] = []
        try library.render(name, view, over: common, into: &bytes)
        response.write(page: bytes)
    }
}

extension Response {
    /// Makes a page the body.
    func write(page bytes: [UInt8]) {
        contentType = Response.html
        bytes.withUnsafeBufferPointer { buffer in
            if let start = buffer.baseAddress { body.raw(start, buffer.count) }
        }
    }
}

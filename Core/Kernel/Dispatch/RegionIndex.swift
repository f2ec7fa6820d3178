internal import JSON
internal import Lyceum

/// The index of all regions, which a developer's installation shows where no region is named.
enum RegionIndex {
    static func write(_ installation: Installation, _ request: Request, _ response: Response) throws {
        var catalogue = Catalogue()
        for (locale, words) in KernelWords.all { catalogue.add(locale, flat: words) }
        let library = try TemplateLibrary(KernelTemplates.all, catalogue: catalogue)
        // The host of a region is its name before ours, whatever port we are reached at.
        let host = request.parameters.host.map { String(cString: $0) } ?? "localhost"
        let scheme = request.isSecure ? "https" : "http"
        let regions: [TemplateValue] = installation.services.map { service in
            let region = service.region
            return [
                "name": .text(region.id), "title": .text(region.title), "description": .text(region.about),
                "link": .text("\(scheme)://\(region.id).\(host)/"),
            ]
        }
        var bytes: [UInt8] = []
        try library.render(
            "lyceum.regions", ["regions": .list(regions)],
            over: [
                "page": ["title": "Lyceum"],
                "region": ["id": "", "title": "Lyceum", "locale": "en", "direction": "ltr", "isRightToLeft": false],
                "user": .null, "csrf": .null, "signIn": .null, "signOut": .null, "navigation": [],
            ], into: &bytes)
        response.contentType = Response.html
        bytes.withUnsafeBufferPointer { buffer in
            if let start = buffer.baseAddress { response.body.raw(start, buffer.count) }
        }
    }
}

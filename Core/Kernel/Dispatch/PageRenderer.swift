internal import JSON
internal import Lyceum

/// Prints a region's pages: the kernel's templates and those of the region's plugins, in the region's language.
final class PageRenderer: Sendable {
    private let library: TemplateLibrary
    /// The same without what the region has of its own; nil where it has nothing.
    private let builtIn: TemplateLibrary?
    private let catalogue: Catalogue
    private let region: Region
    private let signInPage: SignInPage?
    private let navigation: [Navigation]
    /// The entries of the region's administration.
    private let administration: [Navigation]
    private let grants: GrantTable

    /// The number of the generation, for pages that show themselves anew; null for all others.
    private let refresh: TemplateValue

    private let log: Log

    init(_ plan: RegionPlan, _ runtime: Runtime, refresh: Int? = nil, log: Log = .standardError) throws {
        self.log = log.named("pages")
        self.refresh = refresh.map { .integer(Int64($0)) } ?? .null
        (region, grants) = (runtime.region, runtime.grants)
        let templates = try RegionTemplates(plan, isChecked: false)
        (library, builtIn, catalogue) = (templates.library, templates.builtIn, templates.catalogue)
        // Of a generation that is repeated, or that another release made; a new one holds none.
        for fault in templates.refused {
            self.log.write(level: .error, region: region.id, "\(fault); the plugin's own is used")
        }
        signInPage = plan.all(SignInPage.self).first?.value
        let entries = plan.all(Navigation.self).map(\.value).sorted { ($0.order, $0.path) < ($1.order, $1.path) }
        navigation = entries.filter { $0.about == nil }
        administration = entries.filter { $0.about != nil }
    }

    /// Whether somebody may use what an access declaration guards; nil is a guest.
    private func allows(_ access: Access, _ principal: Principal?) -> Bool {
        switch access {
        case .public: true
        case .authenticated: principal != nil
        case .permission(let permission): grants.allows(permission, principal)
        }
    }

    /// Writes what a page's handler answered.
    ///
    /// - Parameter notice: what plugins say above every page.
    func write(
        _ page: Page, _ principal: Principal?, _ request: Request, _ response: Response, _ notice: SlotContent
    ) throws {
        response.status = page.status
        // A session's token is in the answer, or no longer good after it.
        if case .keep = page.session {} else { response.add(header: "Cache-Control", "no-store") }
        switch page.session {
        case .keep: break
        case .begin(let token, let seconds):
            response.add(
                header: "Set-Cookie", SessionCookie.begin(token, seconds: seconds, secure: request.isSecure))
        case .end: response.add(header: "Set-Cookie", SessionCookie.end(secure: request.isSecure))
        }
        switch page.content {
        case .redirect(let path):
            response.contentType = nil
            response.add(header: "Location", path)
        case .file(let name, let type, let text):
            response.contentType = type
            response.add(header: "Content-Disposition", "attachment; filename=\"\(name)\"")
            response.add(header: "Cache-Control", "private, no-store")
            response.body.json(text)
        case .template(let name, let title, let view):
            try render(name, try TemplateValue(encoding: view), title, principal, request, response, notice)
        }
    }

    /// Writes the region's front page, for a region whose configuration names no other.
    func writeFront(_ principal: Principal?, _ request: Request, _ response: Response) throws {
        let about: TemplateValue = region.about.isEmpty ? .null : .text(region.about)
        try render(
            "lyceum.front", ["title": .text(region.title), "about": about], .text(region.title), principal, request,
            response)
    }

    /// Writes the region's API for people.
    func write(
        _ reference: APIReference, _ principal: Principal?, _ request: Request, _ response: Response
    ) throws {
        try render("lyceum.api", reference.view, .words("lyceum.api.title"), principal, request, response)
    }

    /// Writes a problem as a page; false when that fails too.
    func write(
        _ problem: Problem, _ principal: Principal?, _ request: Request, _ response: Response
    ) -> Bool {
        let problem = translated(problem)
        do {
            try render(
                "lyceum.error", ProblemWriter.view(problem, request), .text(problem.title), principal, request, response
            )
            return true
        } catch {
            response.body.reset()
            return false
        }
    }

    /// The same in the region's language, as far as its plugins and the kernel have words for it.
    private func translated(_ problem: Problem) -> Problem {
        func words(_ text: Text) -> String? { catalogue.ownWords(text, locale: region.locale) }
        var problem = problem
        let key = problem.titleKey
        problem.title = words(Text(key, arguments: problem.arguments)) ?? problem.title
        problem.detail = problem.detail.map {
            words(Text("\(key).\(problem.detailKey)", arguments: problem.arguments)) ?? $0
        }
        problem.faults = problem.faults.map { fault in
            var fault = fault
            fault.sentence = fault.words.flatMap(words) ?? fault.sentence
            return fault
        }
        return problem
    }

    private func render(
        _ name: String, _ view: TemplateValue, _ title: TemplateValue, _ principal: Principal?, _ request: Request,
        _ response: Response, _ notice: SlotContent = SlotContent([])
    ) throws {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16_384)
        let common = common(title, principal, request, notice)
        var left: [TemplatePartFailure] = []
        do {
            left = try library.printing(
                name, view, over: common, locale: region.locale, limit: response.body.limit, into: &bytes)
        } catch {
            // What no sample showed: the page is there all the same, as its plugin made it.
            guard let builtIn else { throw error }
            log.write(
                level: .error, region: region.id, request: request.parameters.requestID.map { String(cString: $0) },
                "\(error); the page is shown without the region's own templates")
            left = try builtIn.printing(
                name, view, over: common, locale: region.locale, limit: response.body.limit, into: &bytes)
        }
        for part in left {
            log.write(
                level: .error, region: region.id, plugin: String(part.template.prefix { $0 != "." }),
                request: request.parameters.requestID.map { String(cString: $0) },
                "\(part.template) was left out of \(part.slot): \(part.error)")
        }
        response.write(page: bytes)
    }

    /// Leads to the sign-in page and back to this one; from the sign-in page, to where it leads already.
    private func signInLink(_ path: String, _ request: Request) -> String {
        guard request.method == .get || request.isMethod("HEAD") else { return path }
        guard request.rawPath != path else { return WayBack.target(request) ?? path }
        return WayBack.link(to: path, back: WayBack.target(request))
    }

    /// What every page knows; templates find these names where the page's own view has none.
    private func common(
        _ title: TemplateValue, _ principal: Principal?, _ request: Request, _ notice: SlotContent
    ) -> TemplateValue {
        let path = request.rawPath
        let own = navigation.filter { allows($0.access, principal) }
        let administered = administration.filter { allows($0.access, principal) }
        // The longest entry that the path lies below is where the visitor is: /courses/mine, not /courses.
        let current = (["/admin"] + (own + administered).map(\.path))
            .filter { path == $0 || path.hasPrefix($0 + "/") }.max { $0.utf8.count < $1.utf8.count }
        var entries: [TemplateValue] = own.map {
            ["title": $0.title, "path": .text($0.path), "current": .bool($0.path == current)]
        }
        if !administered.isEmpty {
            let isHere = current == "/admin" || administered.contains { $0.path == current }
            entries.append(["title": .words("lyceum.admin.title"), "path": "/admin", "current": .bool(isHere)])
        }
        return [
            "page": ["title": title],
            "region": [
                "id": .text(region.id), "title": .text(region.title), "locale": .text(region.locale),
                "direction": .text(region.direction), "isRightToLeft": .bool(region.direction == "rtl"),
            ],
            "user": principal.map { ["name": .text($0.name)] } ?? .null,
            "csrf": principal?.formToken.map { .text($0) } ?? .null,
            "signIn": signInPage.map { .text(signInLink($0.path, request)) } ?? .null,
            "signOut": signInPage?.signOut.map { .text($0) } ?? .null,
            "accountPage": signInPage?.account.map { .text($0) } ?? .null,
            "notice": .parts(notice.parts), "refresh": refresh,
            "navigation": .list(entries),
            "administration": .list(
                administered.map {
                    [
                        "title": $0.title, "about": $0.about ?? .null, "path": .text($0.path),
                        "current": .bool($0.path == current),
                    ]
                }),
        ]
    }
}

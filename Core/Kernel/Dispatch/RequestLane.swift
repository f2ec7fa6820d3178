internal import FastCGI
internal import JSON
internal import Lyceum
internal import PostgreSQL
internal import Synchronization

/// Answers the requests of one thread, one at a time, with objects that are used again for each.
///
/// The way of a request: parameters -> region -> endpoint -> who asks, and whether they may -> body -> handler -> answer.
/// A body that nobody looks at, or whose sender is refused, is passed over and never held.
final class RequestLane: Lane {
    /// What a request is about: an endpoint of a region, or its front door where there is none.
    private struct Wanted {
        let endpoint: Endpoint?
        let service: RegionService
        let database: Database
        let token: String?
        let isPage: Bool
    }

    private let installation: Installation
    let request = Request()
    let response = Response()
    private let databases: [Database]
    /// What this thread is doing, for the watchdog: written here as words, because that is quicker than to ask.
    private let watch: ThreadWatch
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// The requests that ended their process, and until when one of them may come again.
    private let fatal: FatalRequests
    private let isWary: UnsafeMutablePointer<Atomic<UInt64>>
    /// How long a request may take, in microseconds.
    private let time: UInt64
    /// The region in whose share this thread is; -1 in none's.
    @exclusivity(unchecked) private var held = -1
    private let counters: LaneCounters
    // Unchecked, as `Request` explains.
    /// Who asks, once that is known.
    @exclusivity(unchecked) private var principal: Principal?
    /// Where it is asked, once that is known; for the page of a problem.
    @exclusivity(unchecked) private var service: RegionService?
    /// When the request came, and the place of its counters.
    @exclusivity(unchecked) private var began: UInt64 = 0
    @exclusivity(unchecked) private var metric = 0
    @exclusivity(unchecked) private var head: [UInt8] = []
    /// What the rate limits of the request say; and whether there are any.
    @exclusivity(unchecked) private var paced: [(pace: Pace, left: RateBoard.Left)] = []
    @exclusivity(unchecked) private var isPaced = false
    private let hasOrigins: Bool
    /// The methods of the address, where it was asked for them.
    @exclusivity(unchecked) private var allowed: String?

    init(
        _ installation: Installation, _ watch: ThreadWatch = ThreadWatch(), _ fatal: FatalRequests = FatalRequests()
    ) {
        self.installation = installation
        self.fatal = fatal
        isWary = fatal.until
        self.watch = watch
        words = watch.words
        time = UInt64(installation.generation.limits.requestMilliseconds) * 1_000
        counters = installation.metrics.lane()
        hasOrigins = installation.hasOrigins
        databases = installation.services.map { Database($0.runtime) }
        for database in databases {
            database.plans.request = request
            database.guardian = watch
        }
        response.body.limit = installation.generation.limits.responseBytes
        head.reserveCapacity(1_024)
    }

    /// Answers a request whose body is here already.
    func respond(to environment: UnsafePointer<UnsafeMutablePointer<CChar>?>, body: [UInt8]) async {
        begin(environment)
        do {
            if let wanted = try find() {
                if let token = wanted.token { try await recognise(token, wanted) }
                if let endpoint = try admit(wanted) {
                    request.body = endpoint.readsBody ? body : []
                    guard request.body.count <= installation.bodyLimit else {
                        throw BodyError.tooLarge(limit: installation.bodyLimit)
                    }
                    if endpoint.streams {
                        try await run(endpoint, wanted, pieces: GivenBody(body), announced: body.count)
                    } else {
                        try await run(endpoint, wanted)
                    }
                }
            }
        } catch {
            await lookWho(error)
            fail(error)
        }
        end()
        if isPaced || hasOrigins { describe() }
        counters.end(metric, status: response.status, began: began)
    }

    func answer(_ exchange: borrowing Exchange) async {
        begin(exchange.environment)
        do {
            if let wanted = try find() {
                if let token = wanted.token { try await recognise(token, wanted) }
                if let endpoint = try admit(wanted) {
                    if endpoint.streams {
                        let pieces = SentBody(exchange.reader, words, time)
                        try await run(endpoint, wanted, pieces: pieces, announced: try exchange.contentLength() ?? 0)
                    } else if request.announcesBody, endpoint.readsBody {
                        // How long the sender takes is not the handler's business.
                        words[ThreadWatch.Word.due].store(0, ordering: .relaxed)
                        try exchange.readBody(into: &request.body, limit: installation.bodyLimit)
                        words[ThreadWatch.Word.due].store(Metrics.clock() &+ time, ordering: .relaxed)
                        try await run(endpoint, wanted)
                    } else {
                        if !request.body.isEmpty { request.body.removeAll(keepingCapacity: true) }
                        try await run(endpoint, wanted)
                    }
                }
            }
        } catch {
            await lookWho(error)
            fail(error)
        }
        end()
        if isPaced || hasOrigins { describe() }
        counters.end(metric, status: response.status, began: began)
        let isHead = request.isMethod("HEAD")
        if ResponseHead.isUsual(response), !isHead {
            exchange.write(ResponseHead.usual)
        } else {
            head.removeAll(keepingCapacity: true)
            ResponseHead.write(response, isHead: isHead, to: &head)
            _ = head.withUnsafeBytes { exchange.write($0) }
        }
        if response.body.count > 0, !isHead {
            exchange.write(UnsafeRawBufferPointer(response.body.bytes))
        }
    }

    @inline(__always)
    private func begin(_ environment: UnsafePointer<UnsafeMutablePointer<CChar>?>) {
        request.load(environment)
        began = Metrics.clock()
        counters.begin(began)
        response.reset()
        metric = 0
        principal = nil
        service = nil
        let scope = words[ThreadWatch.Word.last].load(ordering: .relaxed) &+ 1
        words[ThreadWatch.Word.last].store(scope, ordering: .relaxed)
        words[ThreadWatch.Word.scope].store(scope, ordering: .relaxed)
        words[ThreadWatch.Word.due].store(began &+ time, ordering: .relaxed)
        words[ThreadWatch.Word.request].store(
            UInt64(UInt(bitPattern: request.requestID)), ordering: .relaxed)
        words[ThreadWatch.Word.work].store(WorkTable.kernel, ordering: .releasing)
    }

    /// The request's work is done; what follows is the web server's time.
    @inline(__always)
    private func end() {
        words[ThreadWatch.Word.work].store(0, ordering: .releasing)
        if held >= 0 {
            installation.shares.give(held)
            held = -1
        }
    }

    /// Adds what clients are told of rate limits and of other origins.
    @inline(never)
    private func describe() {
        if isPaced {
            Pace.describe(paced, to: response)
            (paced, isPaced) = ([], false)
        }
        if let origins = service?.crossOrigin, isAPI { origins.describe(request, allow: allowed, to: response) }
        allowed = nil
    }

    /// Counts a request against the limits of its endpoint.
    @inline(never)
    private func count(_ endpoint: Endpoint) throws {
        isPaced = true
        for pace in endpoint.paces {
            let left = pace.take(installation.rates, request, principal, now: began)
            paced.append((pace, left))
            guard left.isWithin else { throw Problem.rateLimited(seconds: left.wait) }
        }
    }

    /// Finds what the request is about, and what it shows of who asks; nil when the answer is made already.
    private func find() throws -> Wanted? {
        guard let name = request.regionName, name.pointee != 0 else {
            try KernelPages.answer(request, response, installation)
            return nil
        }
        guard let index = installation.service(named: name) else {
            throw KernelPages.unknownRegion(String(cString: name))
        }
        let found = installation.services[index]
        service = found
        if began < isWary.pointee.load(ordering: .relaxed), let id = request.requestID, fatal.contains(id) {
            throw Problem.fatal
        }
        guard installation.shares.take(index) else { throw RegionBusy(threads: installation.shares.most) }
        held = index
        if isKernelPage(found) {
            return Wanted(
                endpoint: nil, service: found, database: databases[index], token: try token(isPage: true), isPage: true)
        }
        guard let endpoint = try endpoint(found) else { return nil }
        metric = endpoint.metric
        words[ThreadWatch.Word.work].store(endpoint.work, ordering: .relaxed)
        request.isForPage = endpoint.isPage
        return Wanted(
            endpoint: endpoint, service: found, database: databases[index], token: try token(isPage: endpoint.isPage),
            isPage: endpoint.isPage)
    }

    /// The endpoint, if who asks may use it; nil when the answer is made, because a guest who meets a page is sent to sign in.
    private func admit(_ wanted: Wanted) throws -> Endpoint? {
        if principal != nil { response.isPersonal = true }
        guard let endpoint = wanted.endpoint else {
            if request.path.count > 1 {
                try wanted.service.pages.write(wanted.service.reference, principal, request, response)
            } else {
                try wanted.service.pages.writeFront(principal, request, response)
            }
            return nil
        }
        switch endpoint.access {
        case .public: break
        case .authenticated, .permission:
            guard let principal else {
                guard wanted.isPage, let signIn = wanted.service.signInPage else { throw Problem.unauthenticated }
                redirect(to: signIn)
                return nil
            }
            if case .permission(let permission) = endpoint.access {
                guard wanted.service.runtime.grants.grants(permission, principal.roles) else { throw Problem.forbidden }
            }
        }
        // Also where anybody may: a key that may not change anything changes nothing.
        if let scopes = principal?.scopes, let scope = endpoint.scope, !scopes.contains(scope) {
            throw Problem.outOfScope(scope)
        }
        if endpoint.isLimited { try count(endpoint) }
        return endpoint
    }

    /// Lets an endpoint answer; the body, if any, has been read.
    private func run(_ endpoint: Endpoint, _ wanted: Wanted) async throws {
        wanted.database.act(as: endpoint.plugin, role: endpoint.role)
        // What only looks mostly says nothing, and costs nothing.
        let isAudited = endpoint.tellsWho && wanted.service.runtime.isAudited
        if isAudited { wanted.database.author = Author(request, principal, plugin: endpoint.plugin) }
        defer { if isAudited { wanted.database.author = nil } }
        let context = Context(
            request: request, region: wanted.service.region, principal: principal, token: wanted.token,
            database: wanted.database)
        switch endpoint.kind {
        case .api(let route):
            if request.hasIdempotencyKey, endpoint.takesKey {
                try await runOnce(route, wanted)
            } else {
                try await route.serve(context, response)
                if response.isTagged, endpoint.method == .get { spare() }
            }
        case .page(let page):
            if endpoint.method != .get { try FormGuard.check(request, principal) }
            let made = try await page.make(context)
            var notice = SlotContent([])
            if made.isShown {
                // What the endpoint's plugin did is done; the parts are other plugins' own.
                notice = try await context.fill(.notice, PagePlace(path: request.rawPath))
            }
            try wanted.service.pages.write(made, principal, request, response, notice)
        }
        if response.body.isOver { throw ResponseTooLarge() }
    }

    /// Lets an endpoint answer that takes the body in pieces; none of it has been read.
    @inline(never)
    private func run(
        _ endpoint: Endpoint, _ wanted: Wanted, pieces: any BodySource, announced: Int
    ) async throws {
        if !request.body.isEmpty { request.body.removeAll(keepingCapacity: true) }
        let limit = installation.generation.limits.partBytes
        guard announced <= limit else { throw PartTooLarge(limit: limit) }
        request.source = LimitedBody(pieces, announced: announced, limit: limit)
        defer { request.source = nil }
        try await run(endpoint, wanted)
    }

    /// Lets a route answer a request that has a key; apart, because a closure would cost every request.
    @inline(never)
    private func runOnce(_ route: PreparedRoute, _ wanted: Wanted) async throws {
        try await OncePerKey(request, principal).answer(response, wanted.database) {
            let context = Context(
                request: request, region: wanted.service.region, principal: principal, token: wanted.token,
                database: wanted.database)
            try await route.serve(context, response)
            if response.body.isOver { throw ResponseTooLarge() }
        }
    }

    /// Sends nothing to somebody who has all of it already (RFC 9110, section 13.1.2).
    @inline(never)
    private func spare() {
        guard let tag = response.tag else { return }
        // A browser may keep it, and asks each time whether it is still the same.
        if !response.saysCaching {
            response.add(header: "Cache-Control", response.isPersonal ? "private, no-cache" : "no-cache")
        }
        // What cannot be read is passed over, as RFC 9110 wants it of conditions that only spare a body.
        guard !response.body.isOver, let sent = request.header("If-None-Match"),
            EntityTags(sent)?.containWeakly(tag) == true
        else { return }
        response.makeNotModified()
    }

    /// Finds out who asks for a page that is not there: it shows them as signed in, as every page does.
    private func lookWho(_ error: any Error) async {
        guard principal == nil, request.hasCookie, let service, error is Problem, !isAPI else { return }
        guard let name = request.regionName, let index = installation.service(named: name),
            let token = try? token(isPage: true)
        else { return }
        let wanted = Wanted(
            endpoint: nil, service: service, database: databases[index], token: token, isPage: true)
        // Whatever goes wrong with that, the page is that of the error.
        try? await recognise(token, wanted)
    }

    /// Makes an error the answer.
    private func fail(_ error: any Error) {
        response.reset()
        if principal != nil { response.isPersonal = true }
        write(problem(for: error))
    }

    /// Whether this is a page of the kernel's own: that of the API, or the front door of a region whose configuration leads
    /// nowhere else, or to a page that is not there.
    private func isKernelPage(_ service: RegionService) -> Bool {
        guard request.path.count <= 4, request.method == .get || request.isMethod("HEAD") else { return false }
        return request.path.count == 1 ? service.home == nil : request.path.elementsEqual("/api".utf8)
    }

    /// The endpoint of the request, or nil when the kernel has answered itself.
    private func endpoint(_ service: RegionService) throws -> Endpoint? {
        guard let number = service.router.find(request) else {
            guard try KernelPages.answerInRegion(request, response, service) else { throw Problem.notFound }
            if request.isMethod("OPTIONS") { allowed = KernelPages.allow }
            return nil
        }
        if let method = request.method, let endpoint = service.endpoints[number].byMethod[method.index] {
            return endpoint
        }
        let set = service.endpoints[number]
        if request.isMethod("HEAD"), let endpoint = set.byMethod[Method.get.index] { return endpoint }
        guard request.isMethod("OPTIONS") else { throw Problem.methodNotAllowed(allow: set.allow) }
        allowed = set.allow
        KernelPages.options(set.allow, response)
        return nil
    }

    /// What the request shows.
    ///
    /// Pages look at the cookie only and the API at the token only, so that no other site's page can
    /// use the API in a visitor's name.
    private func token(isPage: Bool) throws -> String? {
        if isPage {
            guard request.hasCookie else { return nil }
            return request.cookie(SessionCookie.name(secure: request.isSecure))
        }
        guard request.hasAuthorization else { return nil }
        guard let token = request.bearerToken else { throw Problem.unauthenticated }
        return token
    }

    /// Who shows it.
    ///
    /// A cookie that is no longer good makes a guest; a token that is not good is refused.
    private func recognise(_ token: String, _ wanted: Wanted) async throws {
        guard let authenticator = wanted.service.authenticator else { return }
        wanted.database.act(as: authenticator.plugin)
        let credential = wanted.isPage ? Credential.session(token) : .bearer(token)
        principal = try await authenticator.value.recognise(credential, wanted.database)
        if principal == nil, !wanted.isPage { throw Problem.unauthenticated }
    }

    /// To the page where people sign in, with the way back to the page that was asked for or whose form was sent.
    private func redirect(to signIn: String) {
        response.status = 303
        response.contentType = nil
        response.add(header: "Location", WayBack.link(to: signIn, back: WayBack.target(request)))
    }

    private func problem(for error: any Error) -> Problem {
        if let problem = limited(error) { return problem }
        switch error {
        case let problem as Problem:
            if problem.status == 429 { reached(.rate) }
            return problem
        case let error as PartTooLarge:
            reached(.partBytes)
            return error.problem
        case let error as any PublicError: return error.problem
        case let faults as Faults: return .invalid(faults)
        case let error as BodyError:
            guard case .tooLarge(let limit) = error else { return .incomplete }
            reached(.bodyBytes)
            return .tooLarge(limit: limit)
        case let error as DatabaseError where error.kind == .exhausted:
            return logged("\(error) (limits.connections, limits.waiting, limits.waitMilliseconds)", .busy)
        case let error as DatabaseError where error.isUnavailable:
            // A connection that is lost while it commits leaves nobody the wiser.
            let mayRepeat = request.method == .get || request.isMethod("HEAD")
            return logged("\(error)", mayRepeat ? .databaseAway : .databaseLost)
        default: return logged("\(error)", .internalError)
        }
    }

    /// Counts a limit that the request reached, where it is known whose it is.
    private func reached(_ limit: ReachedLimit) {
        if let region = service?.region.id { installation.counters.reached(limit, in: region) }
    }

    /// The problem that names a limit; nil where none was reached.
    private func limited(_ error: any Error) -> Problem? {
        let limits = installation.generation.limits
        switch error {
        case is Problem, is any PublicError, is Faults: return nil
        case let error as RegionBusy:
            reached(.regionThreads)
            return logged(error, .regionBusy(threads: error.threads))
        case let error as TimeUp:
            reached(error.isHook ? .hookMilliseconds : .requestMilliseconds)
            return logged(error, .timeUp(error))
        case is ResponseTooLarge:
            reached(.responseBytes)
            return logged(
                "the answer is larger than the \(limits.responseBytes) bytes of limits.responseBytes",
                .responseTooLarge(limit: limits.responseBytes))
        case _ where watch.isExpired:
            reached(.requestMilliseconds)
            let up = TimeUp(
                limit: "limits.requestMilliseconds", milliseconds: limits.requestMilliseconds, what: "the request")
            return logged(up, .timeUp(up))
        case let error as DatabaseError where error.kind == .timeout:
            reached(.statementMilliseconds)
            return logged(
                "\(error), after the \(limits.statementMilliseconds) ms of limits.statementMilliseconds",
                .statementTimeout(milliseconds: limits.statementMilliseconds))
        default: return nil
        }
    }

    /// Says in the log what the client is not told.
    private func logged(_ reason: some CustomStringConvertible, _ problem: Problem) -> Problem {
        let work = words[ThreadWatch.Word.work].load(ordering: .relaxed)
        let plugin = work > WorkTable.kernel ? installation.work.labels[Int(work) - 1].plugin : nil
        let label = installation.metrics.label(metric)
        let method = request.parameters.method.map { LogText.plain(String(cString: $0), most: 20) } ?? "?"
        installation.log.write(
            level: problem.status == 500 ? .error : .warning, region: service?.region.id,
            plugin: plugin ?? label?.plugin,
            request: request.parameters.requestID.map { String(cString: $0) }, trace: request.trace,
            route: label?.route,
            status: problem.status, "\(method) \(LogText.plain(request.rawPath, most: 200)) failed: \(reason)")
        return problem
    }

    /// Whether it is asked for in the API.
    private var isAPI: Bool {
        request.path.starts(with: "/api/".utf8) || request.path.elementsEqual("/api".utf8)
    }

    /// Whether it is asked for by something that watches over the installation, which reads no pages: below `/health` or
    /// `/metrics`, where no region is named.
    private var isForProbes: Bool {
        guard service == nil else { return false }
        let path = request.rawPath
        return ["/health", "/metrics"].contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    /// As problem+json below `/api/` and for what watches over the installation, as a page elsewhere.
    private func write(_ problem: Problem) {
        response.status = problem.status
        for header in problem.headers { response.add(header: header.name, header.value) }
        if problem.status == 401 { response.add(header: "WWW-Authenticate", "Bearer") }
        if problem.status == 503 { response.add(header: "Retry-After", "1") }
        if !isAPI, !isForProbes {
            if let service {
                if service.pages.write(problem, principal, request, response) { return }
            } else if installation.pages.write(problem, request, response) {
                return
            }
        }
        ProblemWriter.write(problem, request, response)
    }
}

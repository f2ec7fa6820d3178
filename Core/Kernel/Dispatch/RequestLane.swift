internal import FastCGI
internal import JSON
internal import Lyceum
internal import PostgreSQL

/// Answers the requests of one thread, one at a time, with objects that are used again for each.
///
/// The way of a request: parameters -> region -> endpoint -> who asks, and whether they may -> body -> handler -> answer.
final class RequestLane: Lane {
    private let installation: Installation
    let request = Request()
    let response = Response()
    private let databases: [Database]
    /// Who asks, once that is known; for the page of a problem.
    private var principal: Principal?
    @exclusivity(unchecked) private var head: [UInt8] = []

    init(_ installation: Installation) {
        self.installation = installation
        databases = installation.services.map { Database($0.runtime) }
        head.reserveCapacity(1_024)
    }

    /// Answers a request whose body is here already.
    func respond(to environment: UnsafePointer<UnsafeMutablePointer<CChar>?>, body: [UInt8]) async {
        request.load(environment)
        request.body = body
        if body.count > installation.bodyLimit {
            refuse(body: .tooLarge(limit: installation.bodyLimit))
        } else {
            await respond()
        }
    }

    func answer(_ exchange: borrowing Exchange) async {
        request.load(exchange.environment)
        do {
            if request.announcesBody {
                try exchange.readBody(into: &request.body, limit: installation.bodyLimit)
            } else if !request.body.isEmpty {
                request.body.removeAll(keepingCapacity: true)
            }
            await respond()
        } catch {
            refuse(body: error)
        }
        if ResponseHead.isUsual(response) {
            exchange.write(ResponseHead.usual)
        } else {
            head.removeAll(keepingCapacity: true)
            ResponseHead.write(response, to: &head)
            _ = head.withUnsafeBytes { exchange.write($0) }
        }
        if response.body.count > 0, !request.isMethod("HEAD") {
            exchange.write(UnsafeRawBufferPointer(response.body.bytes))
        }
    }

    private func refuse(body error: BodyError) {
        response.reset()
        switch error {
        case .tooLarge(let limit): write(.tooLarge(limit: limit), nil)
        case .badLength, .incomplete:
            write(Problem(status: 400, code: "incomplete", title: "The body is not as long as its length says."), nil)
        }
    }

    /// Answers the request that has been loaded; its body, if any, has been read.
    func respond() async {
        let began = Metrics.clock()
        response.reset()
        var metric = 0
        var service: RegionService?
        principal = nil
        do {
            if let name = request.parameters.region, name.pointee != 0 {
                guard let index = installation.service(named: name) else {
                    throw KernelPages.unknownRegion(String(cString: name))
                }
                let found = installation.services[index]
                service = found
                if isFront(found) {
                    let token = try token(isPage: true)
                    let principal = try await recognise(token, found, databases[index], isPage: true)
                    try found.pages.writeFront(principal, request, response)
                } else if let endpoint = try endpoint(found) {
                    metric = endpoint.metric
                    try await serve(endpoint, found, databases[index])
                }
            } else {
                try KernelPages.answer(request, response, installation)
            }
        } catch {
            response.reset()
            write(problem(for: error, service), service)
        }
        installation.metrics.count(metric, status: response.status, began: began)
    }

    /// Whether this is the front door of a region whose configuration leads nowhere else.
    private func isFront(_ service: RegionService) -> Bool {
        request.path.count == 1 && service.region.home == "/" && (request.method == .get || request.isMethod("HEAD"))
    }

    /// The endpoint of the request, or nil when the kernel has answered itself.
    private func endpoint(_ service: RegionService) throws -> Endpoint? {
        guard let number = service.router.find(request) else {
            if KernelPages.answerInRegion(request, response, service) { return nil }
            // The front door is the kernel's own, and only to be looked at.
            throw request.path.count == 1 ? Problem.methodNotAllowed(allow: "GET, HEAD") : .notFound
        }
        let set = service.endpoints[number]
        if let method = request.method, let endpoint = set.byMethod[method.index] { return endpoint }
        if request.isMethod("HEAD"), let endpoint = set.byMethod[Method.get.index] { return endpoint }
        guard request.isMethod("OPTIONS") else { throw Problem.methodNotAllowed(allow: set.allow) }
        response.status = 204
        response.contentType = nil
        response.add(header: "Allow", set.allow)
        return nil
    }

    private func serve(_ endpoint: Endpoint, _ service: RegionService, _ database: Database) async throws {
        let isPage = if case .page = endpoint.kind { true } else { false }
        let token = try token(isPage: isPage)
        let principal = try await recognise(token, service, database, isPage: isPage)
        self.principal = principal
        request.isForPage = isPage
        switch endpoint.access {
        case .public: break
        case .authenticated, .permission:
            guard let principal else {
                if isPage, let signIn = service.signInPage { return redirect(to: signIn) }
                throw Problem.unauthenticated
            }
            if case .permission(let permission) = endpoint.access,
                !service.runtime.grants.allows(permission, principal)
            {
                throw Problem.forbidden
            }
        }
        database.act(as: endpoint.plugin, role: endpoint.role)
        let context = Context(
            request: request, region: service.region, principal: principal, token: token, database: database)
        switch endpoint.kind {
        case .api(let route): try await route.serve(context, response)
        case .page(let page):
            if endpoint.method != .get { try FormGuard.check(request, principal) }
            let made = try await page.make(context)
            try service.pages.write(made, principal, request, response)
        }
    }

    /// What the request shows.
    ///
    /// Pages look at the cookie only and the API at the token only, so that no other site's page can
    /// use the API in a visitor's name.
    private func token(isPage: Bool) throws -> String? {
        if isPage {
            guard request.parameters.cookie != nil else { return nil }
            return request.cookie(SessionCookie.name(secure: request.isSecure))
        }
        guard request.parameters.authorization != nil else { return nil }
        guard let token = request.bearerToken else { throw Problem.unauthenticated }
        return token
    }

    /// Who shows it.
    ///
    /// A cookie that is no longer good makes a guest; a token that is not good is refused.
    private func recognise(
        _ token: String?, _ service: RegionService, _ database: Database, isPage: Bool
    ) async throws -> Principal? {
        guard let token, let authenticator = service.authenticator else { return nil }
        database.act(as: authenticator.plugin)
        let credential = isPage ? Credential.session(token) : .bearer(token)
        let principal = try await authenticator.value.recognise(credential, database)
        if principal == nil, !isPage { throw Problem.unauthenticated }
        return principal
    }

    /// To the page where people sign in, with the way back where going back makes sense.
    private func redirect(to signIn: String) {
        response.status = 303
        response.contentType = nil
        let back = request.method == .get ? "?return=" + FormEncoding.encode(request.rawPath) : ""
        response.add(header: "Location", signIn + back)
    }

    private func problem(for error: any Error, _ service: RegionService?) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let error as any PublicError: return error.problem
        case let faults as Faults: return .invalid(faults)
        case let error as DatabaseError where error.isUnavailable:
            log(error, service)
            if error.kind == .exhausted { return .busy }
            // A connection that is lost while it commits leaves nobody the wiser.
            return request.method == .get || request.isMethod("HEAD") ? .databaseAway : .databaseLost
        default:
            log(error, service)
            return .internalError
        }
    }

    private func log(_ error: any Error, _ service: RegionService?) {
        installation.log.write(
            region: service?.region.id, request: request.parameters.requestID.map { String(cString: $0) },
            "\(request.parameters.method.map { String(cString: $0) } ?? "?") \(request.rawPath) failed: \(error)")
    }

    /// As problem+json below `/api/`, as a page elsewhere.
    private func write(_ problem: Problem, _ service: RegionService?) {
        response.status = problem.status
        if let header = problem.header { response.add(header: header.name, header.value) }
        if problem.status == 401 { response.add(header: "WWW-Authenticate", "Bearer") }
        if problem.status == 503 { response.add(header: "Retry-After", "1") }
        let isAPI = request.path.starts(with: "/api/".utf8) || request.path.elementsEqual("/api".utf8)
        if !isAPI {
            if let service {
                if service.pages.write(problem, principal, request, response) { return }
            } else if installation.pages.write(problem, request, response) {
                return
            }
        }
        ProblemWriter.write(problem, request, response)
    }
}

internal import JSON
internal import Lyceum

/// What the kernel answers itself: the index of regions, health and metrics, where no region is named.
enum KernelPages {
    static func answer(_ request: Request, _ response: Response, _ installation: Installation) throws {
        guard try isToLookAt(request, response) else { return }
        switch request.rawPath {
        case "/" where installation.generation.development:
            try installation.pages.writeIndex(installation, request, response)
        case "/health/live": HealthPages.live(installation, response)
        case "/health/ready": try HealthPages.ready(installation, region: nil, response)
        case let path where path.hasPrefix("/health/ready/"):
            try HealthPages.ready(installation, region: String(path.dropFirst(14)), response)
        case "/metrics":
            response.contentType = Response.metrics
            response.body.json(installation.exposition())
        default:
            throw Problem.notFound
        }
    }

    /// The methods of the kernel's own addresses, which are there to be looked at.
    static let allow = "GET, HEAD, OPTIONS"

    /// Whether one of the kernel's own addresses is looked at; false when its methods were asked for, and are the answer.
    ///
    /// - Throws: 405 for anything else.
    private static func isToLookAt(_ request: Request, _ response: Response) throws -> Bool {
        if request.method == .get || request.isMethod("HEAD") { return true }
        guard request.isMethod("OPTIONS") else { throw Problem.methodNotAllowed(allow: allow) }
        options(allow, response)
        return false
    }

    /// Answers which methods an address has (RFC 9110, section 9.3.7).
    static func options(_ allow: String, _ response: Response) {
        response.status = 204
        response.contentType = nil
        response.add(header: "Allow", allow)
    }

    /// The region's front door, the document of its API, and addresses with a slash too many; false for any other.
    static func answerInRegion(_ request: Request, _ response: Response, _ service: RegionService) throws -> Bool {
        let path = request.rawPath
        switch path {
        case "/api/openapi.json":
            if try isToLookAt(request, response) { write(service.document, request, response) }
            return true
        case "/api":
            // A page, which is written where it is known who asks.
            _ = try isToLookAt(request, response)
            return true
        case "/lyceum/generation":
            // Only for a developer's pages; elsewhere there is no such address.
            guard let number = service.refresh else { return false }
            guard try isToLookAt(request, response) else { return true }
            response.add(header: "Cache-Control", "no-store")
            response.body.openObject()
            response.body.key("generation")
            response.body.int(Int64(number))
            response.body.closeObject()
            return true
        case "/":
            if try isToLookAt(request, response), let home = service.home { redirect(to: home, 303, response) }
            return true
        default: break
        }
        guard request.method == .get || request.isMethod("HEAD"), path.count > 1, path.hasSuffix("/"),
            !path.hasPrefix("//"), !path.hasPrefix("/api/")
        else { return false }
        let query = String(decoding: request.query, as: UTF8.self)
        redirect(to: path.dropLast() + (query.isEmpty ? "" : "?" + query), 308, response)
        return true
    }

    private static func write(_ document: APIDocument, _ request: Request, _ response: Response) {
        response.add(header: "ETag", "\"\(document.tag)\"")
        // It changes with a generation only; whoever keeps it asks whether it has.
        response.add(header: "Cache-Control", "no-cache")
        let known = request.header("If-None-Match").flatMap { EntityTags($0) }
        if known?.containWeakly(document.tag) == true {
            response.makeNotModified()
        } else {
            document.bytes.withUnsafeBufferPointer { bytes in
                if let start = bytes.baseAddress { response.body.raw(start, bytes.count) }
            }
        }
    }

    static func unknownRegion(_ name: String) -> Problem {
        Problem(
            status: 404, code: "unknown_region", title: "There is no such region.",
            detail: "No region of this installation is called \"\(name)\"."
        ).with(["name": name])
    }

    private static func redirect(to path: String, _ status: Int, _ response: Response) {
        response.status = status
        response.contentType = nil
        response.add(header: "Location", path)
    }
}

internal import JSON
internal import Lyceum

/// What the kernel answers itself: the index of regions, health and metrics, where no region is named.
enum KernelPages {
    static func answer(_ request: Request, _ response: Response, _ installation: Installation) throws {
        guard request.method == .get || request.isMethod("HEAD") else {
            throw Problem.methodNotAllowed(allow: "GET, HEAD")
        }
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

    /// The region's front door, and addresses with a slash too many.
    static func answerInRegion(_ request: Request, _ response: Response, _ service: RegionService) -> Bool {
        guard request.method == .get || request.isMethod("HEAD") else { return false }
        let path = request.rawPath
        if path == "/api/openapi.json" {
            write(service.document, request, response)
            return true
        }
        if path == "/", let home = service.home {
            redirect(to: home, 303, response)
            return true
        }
        guard path.count > 1, path.hasSuffix("/"), !path.hasPrefix("//"), !path.hasPrefix("/api/") else { return false }
        let query = String(decoding: request.query, as: UTF8.self)
        redirect(to: path.dropLast() + (query.isEmpty ? "" : "?" + query), 308, response)
        return true
    }

    private static func write(_ document: APIDocument, _ request: Request, _ response: Response) {
        response.add(header: "ETag", document.tag)
        // It changes with a generation only; whoever keeps it asks whether it has.
        response.add(header: "Cache-Control", "no-cache")
        if request.header("If-None-Match").map({ $0.contains(document.tag) || $0 == "*" }) == true {
            response.status = 304
            response.contentType = nil
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

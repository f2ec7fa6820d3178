internal import JSON
internal import Lyceum

/// Writes problems as RFC 9457 does; `code`, `requestId` and `errors` are our extension members.
enum ProblemWriter {
    /// What the page of a problem shows.
    static func view(_ problem: Problem, _ request: Request) -> TemplateValue {
        [
            "status": .integer(Int64(problem.status)), "title": .text(problem.title),
            "detail": problem.detail.map { .text($0) } ?? .null,
            "requestId": request.parameters.requestID.map { .text(String(cString: $0)) } ?? .null,
            "faults": .list(problem.faults.map { .text("\($0.pointer.dropFirst()) \($0.sentence)") }),
        ]
    }

    static func write(_ problem: Problem, _ request: Request, _ response: Response) {
        response.contentType = Response.problem
        let out = response.body
        out.openObject()
        out.key("type")
        out.string("about:blank")
        out.key("title")
        out.string(problem.title)
        out.key("status")
        out.int(Int64(problem.status))
        out.key("code")
        out.string(problem.code)
        if let detail = problem.detail {
            out.key("detail")
            out.string(detail)
        }
        if let id = request.parameters.requestID {
            out.key("requestId")
            out.string(String(cString: id))
        }
        if !problem.faults.isEmpty {
            out.key("errors")
            out.openList()
            for fault in problem.faults {
                out.comma()
                out.openObject()
                out.key("pointer")
                out.string(fault.pointer)
                out.key("code")
                out.string(fault.code)
                out.key("detail")
                out.string(fault.sentence)
                out.closeObject()
            }
            out.closeList()
        }
        out.closeObject()
    }
}

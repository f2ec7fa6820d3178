internal import JSON
internal import Lyceum

/// Writes problems as RFC 9457 does; `code`, `requestId` and `errors` are our extension members.
enum ProblemWriter {
    static func write(_ problem: Problem, _ request: Request, _ response: Response) {
        response.contentType = Response.problem
        let out = response.body
        out.open("{")
        out.key("type" as StaticString)
        out.string("about:blank")
        out.key("title" as StaticString)
        out.string(problem.title)
        out.key("status" as StaticString)
        out.int(Int64(problem.status))
        out.key("code" as StaticString)
        out.string(problem.code)
        if let detail = problem.detail {
            out.key("detail" as StaticString)
            out.string(detail)
        }
        if let id = request.parameters.requestID {
            out.key("requestId" as StaticString)
            out.string(String(cString: id))
        }
        if !problem.faults.isEmpty {
            out.key("errors" as StaticString)
            out.open("[")
            for fault in problem.faults {
                out.comma()
                out.open("{")
                out.key("pointer" as StaticString)
                out.string(fault.pointer)
                out.key("code" as StaticString)
                out.string(fault.code)
                out.key("detail" as StaticString)
                out.string(fault.sentence)
                out.close("}")
            }
            out.close("]")
        }
        out.close("}")
    }
}

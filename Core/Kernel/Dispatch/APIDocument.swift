internal import JSON
internal import Lyceum

/// A region's API as OpenAPI 3.1 describes it, written once when the region is built from the types that serve it.
///
/// Every operation says what it takes, what it answers, and who may use it; whatever else happens is a problem (RFC 9457).
struct APIDocument: Sendable {
    /// One method of one path.
    private struct Operation {
        let endpoint: Endpoint
        let route: PreparedRoute
    }

    /// The JSON text.
    let bytes: [UInt8]
    /// Its entity tag, without its quotes (RFC 9110, section 8.8.3).
    let tag: String

    init(_ region: Region, _ plugins: [Manifest], _ sets: [EndpointSet]) {
        let out = JSONWriter()
        let samples = Samples(currency: region.currency.code)
        var paths: [(path: String, operations: [Operation])] = []
        for set in sets {
            let operations = set.byMethod.compactMap { endpoint -> Operation? in
                guard let endpoint, case .api(let route) = endpoint.kind else { return nil }
                return Operation(endpoint: endpoint, route: route)
            }
            if let first = operations.first { paths.append((first.endpoint.path, operations)) }
        }
        paths.sort { $0.path < $1.path }
        out.openObject()
        out.key("openapi")
        out.string("3.1.0")
        out.key("info")
        APIDocument.info(region, plugins, out)
        out.key("servers")
        out.json(#"[{"url":"/"}]"#)
        out.key("security")
        out.json(#"[{"token":[]}]"#)
        out.key("tags")
        APIDocument.tags(
            plugins.filter { plugin in paths.contains { $0.operations[0].endpoint.plugin == plugin.id } }, out)
        out.key("paths")
        out.openObject()
        for (path, operations) in paths {
            out.key(named: path)
            out.openObject()
            for operation in operations { APIDocument.write(operation, at: path, samples, out) }
            out.closeObject()
        }
        out.closeObject()
        out.key("components")
        APIDocument.components(paths.flatMap(\.operations).map(\.route), out)
        out.closeObject()
        bytes = Array(out.bytes)
        tag = String(bytes.withUnsafeBufferPointer { Digest.of($0) }, radix: 16)
    }

    private static func info(_ region: Region, _ plugins: [Manifest], _ out: JSONWriter) {
        out.openObject()
        out.key("title")
        out.string(region.title)
        out.key("description")
        out.string(([region.about] + APIDocument.rules).filter { !$0.isEmpty }.joined(separator: "\n\n"))
        out.key("version")
        // An API is as new as what it consists of.
        out.string(plugins.map { "\($0.id) \($0.version)" }.joined(separator: ", "))
        out.closeObject()
    }

    /// What no schema can say, in Markdown.
    private static let rules = [
        """
        Whatever is not done is answered with a problem (RFC 9457), whose `code` is for programs. Input that is not right is \
        422, with all that is wrong with it in `errors`.
        """,
        """
        A text has no control characters and none that turn the direction of reading; one that must be there is more than \
        white space. The cursor of a list is what the answer before it gave as `next`, for the same filters.
        """,
    ]

    private static func tags(_ plugins: [Manifest], _ out: JSONWriter) {
        out.openList()
        for plugin in plugins {
            out.comma()
            out.openObject()
            out.key("name")
            out.string(plugin.id)
            out.closeObject()
        }
        out.closeList()
    }

    private static func write(_ operation: Operation, at path: String, _ samples: Samples, _ out: JSONWriter) {
        let (endpoint, route) = (operation.endpoint, operation.route)
        out.key(named: endpoint.method.rawValue.lowercased())
        out.openObject()
        out.key("operationId")
        out.string(name(endpoint))
        out.key("tags")
        out.openList()
        out.string(endpoint.plugin)
        out.closeList()
        if !endpoint.about.isEmpty {
            out.key("summary")
            out.string(endpoint.about)
        }
        out.key("security")
        let token = endpoint.scope.map { ##"{"token":["\##($0)"]}"## } ?? #"{"token":[]}"#
        // A token that is sent where none is needed is looked at: what is shown may depend on it.
        if case .public = endpoint.access {
            out.json("[{},\(token)]")
        } else {
            out.json("[\(token)]")
        }
        if case .permission(let permission) = endpoint.access {
            out.key("description")
            out.string("Needs the permission \(permission.id): \(permission.about)")
            out.key("x-permission")
            out.string(permission.id)
        }
        parameters(route, endpoint, path, samples, out)
        if let body = route.inputs.first(where: { $0.source == .body }) {
            out.key("requestBody")
            out.openObject()
            out.key("required")
            out.bool(true)
            content("application/json", body.schema, samples.input(body.schema), out)
            out.closeObject()
        }
        if route.sources.contains(.stream) {
            out.key("requestBody")
            out.json(APIDocument.pieces)
        }
        out.key("responses")
        responses(route, isRead: endpoint.method == .get, isLimited: endpoint.isLimited, samples, out)
        out.closeObject()
    }

    /// A body that is taken in pieces (the tus protocol's media type for a part of a file).
    private static let pieces =
        #"{"content":{"application/offset+octet-stream":{"schema":{"type":"string","format":"binary"}}}}"#

    /// `post.courses._course.publication`: unique, because method and path are.
    static func name(_ endpoint: Endpoint) -> String {
        let words = endpoint.path.split(separator: "/").dropFirst().map { word in
            word.first == "{" ? "_" + word.dropFirst().dropLast() : String(word)
        }
        return ([endpoint.method.rawValue.lowercased()] + words).joined(separator: ".")
    }

    private static func parameters(
        _ route: PreparedRoute, _ endpoint: Endpoint, _ path: String, _ samples: Samples, _ out: JSONWriter
    ) {
        // The names are those of the path that is written, whatever other methods call the same places.
        let names = path.split(separator: "/").filter { $0.first == "{" }.map { String($0.dropFirst().dropLast()) }
        let places = route.inputs.filter { $0.source == .path }
        let shown: [RequestSource] = [.path, .query, .headers]
        guard endpoint.takesKey || route.isVersioned || route.sources.contains(where: { shown.contains($0) }) else {
            return
        }
        out.key("parameters")
        out.openList()
        for (name, place) in zip(names, places) {
            out.comma()
            out.openObject()
            out.key("name")
            out.string(name)
            out.key("in")
            out.string("path")
            out.key("required")
            out.bool(true)
            out.key("schema")
            OpenAPI.schema(place.schema, to: out)
            out.key("example")
            out.json(samples.input(place.schema).text())
            out.closeObject()
        }
        for input in route.inputs where input.source == .query {
            if case .object(let object) = input.schema { OpenAPI.parameters(object, to: out) }
        }
        for input in route.inputs where input.source == .headers {
            if case .object(let object) = input.schema { OpenAPI.headers(object, to: out) }
        }
        if endpoint.takesKey {
            out.comma()
            out.json(##"{"$ref":"#/components/parameters/IdempotencyKey"}"##)
        } else if route.isVersioned {
            out.comma()
            out.json(##"{"$ref":"#/components/parameters/IfNoneMatch"}"##)
        }
        if route.needsVersion {
            out.comma()
            out.json(##"{"$ref":"#/components/parameters/IfMatch"}"##)
        }
        out.closeList()
    }

    private static func responses(
        _ route: PreparedRoute, isRead: Bool, isLimited: Bool, _ samples: Samples, _ out: JSONWriter
    ) {
        out.openObject()
        out.key(named: String(route.status))
        out.openObject()
        out.key("description")
        switch route.status {
        case 201: out.string("It was made; Location says where it is.")
        case 204: out.string("It is done; there is nothing more to say.")
        default: out.string("The answer.")
        }
        if route.status == 201 || route.isVersioned {
            out.key("headers")
            out.openObject()
            if route.isVersioned {
                out.key("ETag")
                out.json(##"{"$ref":"#/components/headers/ETag"}"##)
            }
            if route.status == 201 {
                out.key("Location")
                out.json(#"{"schema":{"type":"string","format":"uri-reference"}}"#)
            }
            out.closeObject()
        }
        if let answer = route.answer { content("application/json", answer, samples.answer(answer), out) }
        out.closeObject()
        if route.isVersioned, isRead {
            out.key("304")
            out.json(##"{"$ref":"#/components/responses/NotModified"}"##)
        }
        if route.needsVersion {
            for status in ["412", "428"] {
                out.key(named: status)
                out.json(##"{"$ref":"#/components/responses/Problem"}"##)
            }
        }
        if isLimited {
            out.key("429")
            out.json(##"{"$ref":"#/components/responses/RateLimited"}"##)
        }
        out.key("default")
        out.json(##"{"$ref":"#/components/responses/Problem"}"##)
        out.closeObject()
    }

    private static func content(
        _ type: StaticString, _ schema: Schema, _ example: Sample, _ out: JSONWriter
    ) {
        out.key("content")
        out.openObject()
        out.key(type)
        out.openObject()
        out.key("schema")
        OpenAPI.schema(schema, to: out)
        out.key("example")
        out.json(example.text())
        out.closeObject()
        out.closeObject()
    }

    private static func components(_ routes: [PreparedRoute], _ out: JSONWriter) {
        out.openObject()
        out.key("securitySchemes")
        out.json(
            #"{"token":{"type":"http","scheme":"bearer","description":"A token, as signing in through the API answers it, or an access key, which reads what is its owner's own and otherwise needs the scopes named at each operation."}}"#
        )
        out.key("parameters")
        out.json(
            """
            {"IdempotencyKey":{"name":"Idempotency-Key","in":"header","description":"Of your own choice, such as a UUID: a \
            request that is sent again with the same key happens once, and is answered as it was the first time.",\
            "schema":{"type":"string","pattern":"^[!-~]{1,255}$","examples":["0197a0b4-6f1d-7c43-8a52-3d9f6c1e2b70"]}},\
            "IfMatch":{"name":"If-Match","in":"header","required":true,"description":"The ETag of what was seen, or several \
            of which one must still hold, or * for whatever is there. Without it nothing is changed (428), nor when \
            somebody else has changed it meanwhile (412). The version in quotes is as good.",\
            "schema":{"type":"string","pattern":"^([*]|(W/)?\\"[!#-~]*\\"(, ?(W/)?\\"[!#-~]*\\")*)$","examples":["\\"7\\""]}},\
            "IfNoneMatch":{"name":"If-None-Match","in":"header","description":"The ETag of what was seen: nothing is sent \
            again (304) while it is still the same.","schema":{"type":"string"}}}
            """)
        out.key("headers")
        out.json(
            """
            {"ETag":{"description":"Changes whenever the answer does; what stands before its dot is the version.",\
            "schema":{"type":"string","pattern":"^\\"[0-9]+[.][0-9a-f]+\\"$"}}}
            """)
        out.key("responses")
        out.json(
            """
            {"Problem":{"description":"It was not done. `code` says why, for programs.",\
            "content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}},\
            "RateLimited":{"description":"It was asked for too often; Retry-After says when to try again.",\
            "headers":{"Retry-After":{"description":"In how many seconds.","schema":{"type":"string","pattern":"^[0-9]+$"}},\
            "RateLimit-Policy":{"description":"How many requests (q) are let through in how many seconds (w), by the name of \
            the limit (draft-ietf-httpapi-ratelimit-headers-10). It comes with every answer of this operation.",\
            "schema":{"type":"string"}},"RateLimit":{"description":"How many requests (r) are left, and in how many seconds (t) \
            all of them are again.","schema":{"type":"string"}}},\
            "content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}},\
            "NotModified":{"description":"It is still the same.","headers":{"ETag":{"$ref":"#/components/headers/ETag"}}}}
            """)
        out.key("schemas")
        OpenAPI.components(
            of: routes.flatMap {
                $0.inputs.filter { $0.source == .body }.map(\.schema) + ($0.answer.map { [$0] } ?? [])
            },
            to: out, more: [("Problem", { out.json(problem) })])
        out.closeObject()
    }

    /// What `ProblemWriter` writes.
    private static let problem = """
        {"type":"object","description":"A problem (RFC 9457).","properties":{\
        "type":{"type":"string","const":"about:blank"},\
        "title":{"type":"string","description":"What went wrong, for people."},\
        "status":{"type":"integer","minimum":400,"maximum":599},\
        "code":{"type":"string","description":"What went wrong, for programs; it does not change.","examples":["not_found"]},\
        "detail":{"type":"string","description":"What went wrong this time, and what can be done about it."},\
        "requestId":{"type":"string","description":"By which the operator finds it in the log."},\
        "errors":{"type":"array","description":"What is wrong with the input, field by field.","items":{"type":"object",\
        "properties":{"pointer":{"type":"string","description":"Where it is (RFC 6901)."},"code":{"type":"string"},\
        "detail":{"type":"string"}},"required":["pointer","code","detail"],"additionalProperties":false}}},\
        "required":["type","title","status","code"],"additionalProperties":false}
        """
}

internal import Lyceum

/// A region's API for people to read: what the document says, as values for the page at `/api`; made once with the region.
struct APIReference: Sendable {
    let view: TemplateValue

    private let samples: Samples

    init(_ region: Region, _ plugins: [Manifest], _ sets: [EndpointSet]) {
        samples = Samples(currency: region.currency.code)
        view = APIReference.view(samples, plugins, sets)
    }

    private static func view(_ samples: Samples, _ plugins: [Manifest], _ sets: [EndpointSet]) -> TemplateValue {
        var byPlugin: [String: [(endpoint: Endpoint, route: PreparedRoute)]] = [:]
        for set in sets {
            for endpoint in set.byMethod {
                guard let endpoint, case .api(let route) = endpoint.kind else { continue }
                byPlugin[endpoint.plugin, default: []].append((endpoint, route))
            }
        }
        let groups = plugins.compactMap { plugin -> TemplateValue? in
            guard let operations = byPlugin[plugin.id] else { return nil }
            let sorted = operations.sorted {
                ($0.endpoint.path, $0.endpoint.method.index) < ($1.endpoint.path, $1.endpoint.method.index)
            }
            return [
                "plugin": .text(plugin.id), "release": .text("\(plugin.version)"),
                "operations": .list(sorted.map { operation($0.endpoint, $0.route, samples) }),
            ]
        }
        let routes = byPlugin.values.flatMap { $0 }.map(\.route)
        let schemas = routes.flatMap { route in
            route.inputs.filter { $0.source == .body }.map(\.schema) + (route.answer.map { [$0] } ?? [])
        }
        let reached = OpenAPI.reached(by: schemas)
        var types: [(name: String, value: TemplateValue)] = []
        for object in reached.objects {
            types.append(
                (
                    object.reference,
                    ["name": .text(object.reference), "fields": fields(object, samples), "tag": .null, "variants": []]
                ))
        }
        for union in reached.unions {
            let variants: [TemplateValue] = union.variants.map { variant in
                ["variant": .text(variant.name), "fields": fields(variant.object, samples)]
            }
            types.append(
                (
                    union.reference,
                    [
                        "name": .text(union.reference), "fields": [], "tag": .text(union.tag),
                        "variants": .list(variants),
                    ]
                ))
        }
        return [
            "groups": .list(groups), "types": .list(types.sorted { $0.name < $1.name }.map(\.value)),
            "problems": .list(problems.map(problem)),
        ]
    }

    /// What every operation may answer; plugins add their own.
    private static let problems: [Problem] = [
        .malformedKey, .malformedIfMatch, .unauthenticated, .forbidden, .notFound, .preconditionRequired,
        .reusedKey, .busy, .databaseAway, .internalError,
        StaleVersion(current: 8).problem, .rateLimited(seconds: 5), .tooLarge(limit: 1_048_576),
        .unsupportedMediaType(accepted: "application/json"), .methodNotAllowed(allow: "GET, HEAD, OPTIONS"),
        .invalid(Faults([Fault(pointer: "", code: "syntax", sentence: "")])), .invalid(Faults()),
    ].sorted { ($0.status, $0.code) < ($1.status, $1.code) }

    private static func problem(_ problem: Problem) -> TemplateValue {
        ["status": .integer(Int64(problem.status)), "code": .text(problem.code), "title": .text(problem.title)]
    }

    private static func operation(
        _ endpoint: Endpoint, _ route: PreparedRoute, _ samples: Samples
    ) -> TemplateValue {
        let body = route.inputs.first { $0.source == .body }
        return [
            "id": .text(APIDocument.name(endpoint)), "method": .text(endpoint.method.rawValue),
            "isRead": .bool(endpoint.method == .get), "path": .text(endpoint.path),
            "about": .text(endpoint.about), "access": access(endpoint.access),
            "parameters": .list(parameters(endpoint, route, samples)),
            "limits": .list(
                endpoint.paces.map { pace in
                    .translated(
                        Text(
                            pace.subject == .user ? "lyceum.api.limit.user" : "lyceum.api.limit.address",
                            ["requests": "\(pace.quota)", "seconds": "\(pace.seconds)"]))
                }),
            "body": body.map { type($0.schema) } ?? .null,
            "call": .text(call(endpoint, route, samples)),
            "status": .integer(Int64(route.status)), "answer": route.answer.map { type($0) } ?? .null,
            "example": route.answer.map { .text(samples.answer($0).text(indented: true)) } ?? .null,
            "refusals": .text(refusals(endpoint, route).map(String.init).joined(separator: ", ")),
        ]
    }

    private static func access(_ access: Access) -> TemplateValue {
        switch access {
        case .public: .words("lyceum.api.access.public")
        case .authenticated: .words("lyceum.api.access.authenticated")
        case .permission(let permission):
            .translated(Text("lyceum.api.access.permission", ["permission": permission.id]))
        }
    }

    /// The statuses with which it may be refused, besides 5xx.
    private static func refusals(_ endpoint: Endpoint, _ route: PreparedRoute) -> [Int] {
        var statuses: Set<Int> = [405]
        if case .public = endpoint.access {} else { statuses.insert(401) }
        if case .permission = endpoint.access { statuses.insert(403) }
        if route.inputs.contains(where: { $0.source == .path }) { statuses.insert(404) }
        if route.inputs.contains(where: { $0.source == .query }) { statuses.formUnion([400, 422]) }
        if route.inputs.contains(where: { $0.source == .body }) { statuses.formUnion([400, 413, 415, 422]) }
        if route.needsVersion { statuses.formUnion([400, 412, 428]) }
        if endpoint.isLimited { statuses.insert(429) }
        return statuses.sorted()
    }

    private static func parameters(
        _ endpoint: Endpoint, _ route: PreparedRoute, _ samples: Samples
    ) -> [TemplateValue] {
        func parameter(
            _ name: String, _ place: String, _ words: String, _ isRequired: Bool, _ about: TemplateValue
        ) -> TemplateValue {
            [
                "name": .text(name), "place": .text(place), "type": .text(words), "link": .null,
                "isRequired": .bool(isRequired), "isNullable": false, "about": about,
            ]
        }
        let names = endpoint.path.split(separator: "/").filter { $0.first == "{" }.map { $0.dropFirst().dropLast() }
        let places = route.inputs.filter { $0.source == .path }
        var list = zip(names, places).map { parameter(String($0), "path", words($1.schema), true, .null) }
        for input in route.inputs {
            guard case .object(let object) = input.schema else { continue }
            switch input.source {
            case .query:
                list += object.fields.map {
                    parameter($0.name, "query", words($0.schema), $0.required, .text($0.about))
                }
            case .headers:
                list += object.fields.map {
                    parameter(HeaderName.of($0.name), "header", words($0.schema), $0.required, .text($0.about))
                }
            default: continue
            }
        }
        if route.needsVersion {
            list.append(parameter("If-Match", "header", "string", true, .words("lyceum.api.if_match")))
        }
        if endpoint.takesKey {
            list.append(parameter("Idempotency-Key", "header", "string", false, .words("lyceum.api.key")))
        } else if route.isVersioned {
            list.append(parameter("If-None-Match", "header", "string", false, .words("lyceum.api.if_none_match")))
        }
        return list
    }

    /// How it is called with curl, by who has a token in `$TOKEN`.
    private static func call(_ endpoint: Endpoint, _ route: PreparedRoute, _ samples: Samples) -> String {
        var ids = route.inputs.filter { $0.source == .path }.makeIterator()
        let path = endpoint.path.split(separator: "/").map { step -> String in
            guard step.first == "{" else { return String(step) }
            guard let id = ids.next(), case .json(let text) = samples.input(id.schema) else { return String(step) }
            return text.filter { $0 != "\"" }
        }.joined(separator: "/")
        var lines = ["curl https://$HOST/\(path)"]
        if endpoint.method != .get { lines[0] = "curl -X \(endpoint.method.rawValue) https://$HOST/\(path)" }
        if case .public = endpoint.access {} else { lines.append("-H \"Authorization: Bearer $TOKEN\"") }
        if route.needsVersion { lines.append("-H 'If-Match: \"7\"'") }
        if let body = route.inputs.first(where: { $0.source == .body }) {
            let text = samples.input(body.schema).text().replacing("'", with: "'\\''")
            lines += ["-H 'Content-Type: application/json'", "-d '\(text)'"]
        }
        return lines.joined(separator: " \\\n  ")
    }

    private static func fields(_ object: ObjectSchema, _ samples: Samples) -> TemplateValue {
        .list(
            object.fields.map { field in
                [
                    "name": .text(field.name), "type": .text(words(field.schema)),
                    "link": link(field.schema).map { .text($0) } ?? .null,
                    "isRequired": .bool(field.required || object.isAnswer), "isNullable": .bool(field.nullable),
                    "about": .text(field.about),
                    "sample": field.example.map { .text($0) } ?? .null,
                    "preset": field.preset.map { .text($0) } ?? .null,
                ]
            })
    }

    private static func type(_ schema: Schema) -> TemplateValue {
        ["type": .text(words(schema)), "link": link(schema).map { .text($0) } ?? .null]
    }

    /// The name of the type that it is, or is a list of, where that has a section of its own.
    private static func link(_ schema: Schema) -> String? {
        switch schema {
        case .object(let object): object.reference
        case .union(let union): union.reference
        case .list(let element, _): link(element)
        default: nil
        }
    }

    /// What a value may be, in the words of JSON Schema.
    private static func words(_ schema: Schema) -> String {
        func range(_ low: String?, _ high: String?) -> String {
            switch (low, high) {
            case (let low?, let high?): ", \(low)…\(high)"
            case (let low?, nil): ", \(low)…"
            case (nil, let high?): ", …\(high)"
            case (nil, nil): ""
            }
        }
        switch schema {
        case .boolean: return "boolean"
        case .integer(let bounds):
            return "integer" + (bounds.map { range("\($0.lowerBound)", "\($0.upperBound)") } ?? "")
        case .number(let bounds): return "number" + (bounds.map { range("\($0.lowerBound)", "\($0.upperBound)") } ?? "")
        case .string(let format, let length):
            let least = length.flatMap { $0.lowerBound > 0 ? "\($0.lowerBound)" : nil }
            let most = length.flatMap { $0.upperBound < Int(Int32.max) ? "\($0.upperBound)" : nil }
            return "string" + (format.map { " (\($0.rawValue))" } ?? "") + range(least, most)
        case .choice(let names): return names.joined(separator: " | ")
        case .list(let element, _): return "[\(words(element))]"
        case .object(let object): return object.reference
        case .union(let union): return union.reference
        case .any: return "any"
        }
    }
}

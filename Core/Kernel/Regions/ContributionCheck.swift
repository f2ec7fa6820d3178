internal import Lyceum

/// Finds what a region's contributions get wrong, naming both sides: names without their plugin's id, collisions, and what
/// they hang on to that the plugin it belongs to does not declare.
///
/// What belongs to a plugin that is not enabled here hangs on to nothing, as an optional dependency may.
struct ContributionCheck {
    private(set) var sentences: [String] = []
    private let region: String
    private var owners: [String: String] = [:]
    private var points: [String: (plugin: String, value: ObjectIdentifier)] = [:]
    private var events: [String: [Emits]] = [:]
    private var limits: [String: RateLimit] = [:]
    private let enabled: Set<String>
    /// Those of the plugin that is looked at.
    private var templates: Set<String> = []
    private let book = Book()

    init(_ region: String, _ plugins: [EnabledPlugin]) {
        self.region = region
        enabled = Set(plugins.map(\.plugin.id))
        for enabled in plugins {
            for declaration in enabled.plugin.declarations {
                if let point = declaration as? HookPoint { points[point.id] = (enabled.plugin.id, point.value) }
                if let event = declaration as? Emits { events[event.name, default: []].append(event) }
            }
        }
        for enabled in plugins {
            templates = Set(enabled.contributions.compactMap { ($0 as? Template)?.name })
            for one in enabled.contributions { check(one, enabled.plugin) }
        }
    }

    /// The rate limits of the region, with their plugins' ids.
    var limitNames: [String] { limits.keys.sorted() }

    private mutating func check(_ one: any Contribution, _ plugin: KnownPlugin) {
        switch one {
        case let route as Route:
            begins(route.path, plugin, one)
            claim("\(route.method.rawValue) /api/\(shape(route.path))", plugin, one)
            for limit in route.limits { limit.isSaid(&limits, plugin.id).map { say(plugin, one, $0) } }
        case let page as PageRoute:
            begins(page.path, plugin, one)
            claim("\(page.method.rawValue) /\(shape(page.path))", plugin, one)
            for limit in page.limits { limit.isSaid(&limits, plugin.id).map { say(plugin, one, $0) } }
            if page.method != .get, page.method != .post { say(plugin, one, "a browser's forms can only GET and POST") }
        case let template as Template:
            prefixed(template.name, plugin, one); claim("template \(template.name)", plugin, one)
        case let offer as Offer: prefixed(offer.service, plugin, one); claim("service \(offer.service)", plugin, one)
        case let listener as Listener:
            claim("listener \(plugin.id).\(listener.id)", plugin, one)
            listen(listener, plugin)
            if ![1, 2, 4, 8, 16].contains(listener.lanes) {
                say(plugin, one, "it has \(listener.lanes) lanes; there may be 1, 2, 4, 8 or 16")
            }
        case let job as Job:
            claim("job \(plugin.id).\(job.id)", plugin, one)
            for mistake in DeclaredJob.mistakes(job) { say(plugin, one, mistake) }
        case let gauge as Gauge:
            claim("metric \(DeclaredGauge.name(gauge, of: plugin.id))", plugin, one)
            for mistake in DeclaredGauge.mistakes(gauge, of: plugin.id) { say(plugin, one, mistake) }
        case let owed as Obligation: claim("obligation \(plugin.id).\(owed.id)", plugin, one)
        case is Authenticator: claim("authenticator", plugin, one)
        case is AuditTrail: claim("audit trail", plugin, one)
        case is SignInPage: claim("sign-in page", plugin, one)
        case let part as SlotPart:
            prefixed(part.template, plugin, one)
            if !templates.contains(part.template) {
                say(
                    plugin, one,
                    "it contributes no template \(part.template)\(Self.hint(part.template, templates.sorted()))")
            }
        case let hook as Guard: attach(hook.point, hook.value, plugin, one)
        case let hook as Collect: attach(hook.point, hook.value, plugin, one)
        case let translations as Translations:
            for key in translations.words.keys.sorted() where !key.hasPrefix(plugin.id + ".") {
                say(plugin, one, "the key \(key) does not begin with \"\(plugin.id).\"")
            }
        default: break
        }
    }

    private mutating func say(_ plugin: KnownPlugin, _ one: any Contribution, _ sentence: String) {
        sentences.append("region \(region): \(plugin.id) (\(plugin.origin)), \(one.summary): \(sentence)")
    }

    private mutating func begins(_ path: String, _ plugin: KnownPlugin, _ one: any Contribution) {
        func lies(below start: String) -> Bool { path == start || path.hasPrefix(start + "/") }
        guard !lies(below: plugin.id) else { return }
        guard one is PageRoute else { return say(plugin, one, "its path must begin with \"\(plugin.id)\"") }
        // A plugin's pages of the administration lie beside the kernel's own.
        guard !lies(below: "admin/" + plugin.id) else { return }
        if plugin.id == OperatorPlugin.manifest.id, lies(below: "admin") { return }
        say(plugin, one, "its path must begin with \"\(plugin.id)\", or with \"admin/\(plugin.id)\"")
    }

    private mutating func prefixed(_ name: String, _ plugin: KnownPlugin, _ one: any Contribution) {
        if !name.hasPrefix(plugin.id + ".") { say(plugin, one, "its name must begin with \"\(plugin.id).\"") }
    }

    private mutating func claim(_ what: String, _ plugin: KnownPlugin, _ one: any Contribution) {
        guard let other = owners.updateValue(plugin.id, forKey: what) else { return }
        say(plugin, one, other == plugin.id ? "it contributes \(what) twice" : "\(other) contributes \(what) too")
    }

    private mutating func attach(
        _ point: String, _ value: ObjectIdentifier, _ plugin: KnownPlugin, _ one: any Contribution
    ) {
        guard let owner = points[point] else {
            let owner = Self.owner(of: point)
            guard enabled.contains(owner) else { return }
            let known = points.filter { $0.value.plugin == owner }.keys.sorted()
            return say(plugin, one, "\(owner) declares no point \(point)\(Self.hint(point, known))")
        }
        guard owner.value != value else { return }
        say(plugin, one, "\(owner.plugin) declares the point \(point) with another type")
    }

    private mutating func listen(_ listener: Listener, _ plugin: KnownPlugin) {
        let owner = Self.owner(of: listener.topic)
        guard enabled.contains(owner) else { return }
        guard let versions = events[listener.topic] else {
            let known = events.keys.filter { Self.owner(of: $0) == owner }.sorted()
            return say(
                plugin, listener, "\(owner) declares no event \(listener.topic)\(Self.hint(listener.topic, known))")
        }
        guard let event = versions.first(where: { $0.major == listener.major }) else {
            let known = versions.map { "v\($0.major)" }.sorted().joined(separator: " and ")
            return say(plugin, listener, "\(owner) declares \(listener.topic) as \(known), not as v\(listener.major)")
        }
        // A type that cannot be described is told of when it is prepared.
        guard let wanted = try? listener.describe(book), let there = try? event.describe(book) else { return }
        for field in wanted.fields where field.required {
            guard let other = there.fields.first(where: { $0.name == field.name }) else {
                let hint = Self.hint(field.name, there.fields.map(\.name))
                say(
                    plugin, listener,
                    "it needs the field \(field.name), which \(owner)'s \(event.id) does not have\(hint)")
                continue
            }
            if other.nullable, !field.nullable {
                say(plugin, listener, "it needs the field \(field.name), which \(owner)'s \(event.id) may leave out")
            } else if Self.kind(of: field.schema) != Self.kind(of: other.schema) {
                say(
                    plugin, listener,
                    """
                    it reads the field \(field.name) as \(Self.kind(of: field.schema)), which in \(owner)'s \(event.id) is \
                    \(Self.kind(of: other.schema))
                    """)
            }
        }
    }

    /// The plugin that a name belongs to.
    private static func owner(of name: String) -> String { String(name.prefix { $0 != "." }) }

    private static func hint(_ name: String, _ known: [String]) -> String {
        if let near = nearest(name, known) { return "; did you mean \"\(near)\"?" }
        return known.isEmpty ? "; it declares none" : "; known are \(known.joined(separator: ", "))"
    }

    /// What JSON makes of a field, for people.
    private static func kind(of schema: Schema) -> String {
        switch schema {
        case .boolean: "true or false"
        case .integer, .number: "a number"
        case .string, .choice: "text"
        case .list: "a list"
        case .object, .union: "an object"
        case .any: "any JSON"
        }
    }

    /// Two routes that differ only in the names of their placeholders are the same.
    private func shape(_ path: String) -> String {
        path.split(separator: "/").map { $0.first == "{" ? "{}" : String($0) }.joined(separator: "/")
    }
}

extension RateLimit {
    /// What is wrong with a limit, by itself or beside others of that name; nil where nothing is.
    fileprivate func isSaid(_ known: inout [String: RateLimit], _ plugin: String) -> String? {
        guard !name.isEmpty, name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 })
        else {
            return "a rate limit's name is small letters, digits and hyphens; \"\(name)\" is none"
        }
        guard (1...1_000_000).contains(quota), (1...86_400).contains(seconds) else {
            return "the rate limit \(name) must let 1 to 1000000 requests through in 1 to 86400 seconds"
        }
        guard let other = known.updateValue(self, forKey: plugin + "." + name) else { return nil }
        let isSame = other.quota == quota && other.seconds == seconds && other.subject == subject
        return isSame ? nil : "the rate limit \(name) has other numbers elsewhere; a name stands for one limit"
    }
}

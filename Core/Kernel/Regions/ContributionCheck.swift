internal import Lyceum

/// Finds what a region's contributions get wrong: names without their plugin's id, and collisions, naming both sides.
struct ContributionCheck {
    private(set) var sentences: [String] = []
    private let region: String
    private var owners: [String: String] = [:]
    private var points: [String: (plugin: String, value: ObjectIdentifier)] = [:]

    init(_ region: String, _ plugins: [EnabledPlugin]) {
        self.region = region
        for enabled in plugins {
            for case let point as HookPoint in enabled.plugin.declarations {
                points[point.id] = (enabled.plugin.id, point.value)
            }
        }
        for enabled in plugins {
            for one in enabled.contributions { check(one, enabled.plugin) }
        }
    }

    private mutating func check(_ one: any Contribution, _ plugin: KnownPlugin) {
        switch one {
        case let route as Route:
            begins(route.path, plugin, one)
            claim("\(route.method.rawValue) /api/\(shape(route.path))", plugin, one)
        case let page as PageRoute:
            begins(page.path, plugin, one)
            claim("\(page.method.rawValue) /\(shape(page.path))", plugin, one)
            if page.method != .get, page.method != .post { say(plugin, one, "a browser's forms can only GET and POST") }
        case let template as Template:
            prefixed(template.name, plugin, one); claim("template \(template.name)", plugin, one)
        case let offer as Offer: prefixed(offer.service, plugin, one); claim("service \(offer.service)", plugin, one)
        case let listener as Listener:
            claim("listener \(plugin.id).\(listener.id)", plugin, one)
            if ![1, 2, 4, 8, 16].contains(listener.lanes) {
                say(plugin, one, "it has \(listener.lanes) lanes; there may be 1, 2, 4, 8 or 16")
            }
        case let job as Job:
            claim("job \(plugin.id).\(job.id)", plugin, one)
            for mistake in DeclaredJob.mistakes(job) { say(plugin, one, mistake) }
        case is Authenticator: claim("authenticator", plugin, one)
        case is SignInPage: claim("sign-in page", plugin, one)
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
        guard path != plugin.id, !path.hasPrefix(plugin.id + "/") else { return }
        say(plugin, one, "its path must begin with \"\(plugin.id)\"")
    }

    private mutating func prefixed(_ name: String, _ plugin: KnownPlugin, _ one: any Contribution) {
        if !name.hasPrefix(plugin.id + ".") { say(plugin, one, "its name must begin with \"\(plugin.id).\"") }
    }

    private mutating func claim(_ what: String, _ plugin: KnownPlugin, _ one: any Contribution) {
        guard let other = owners.updateValue(plugin.id, forKey: what) else { return }
        say(plugin, one, other == plugin.id ? "it contributes \(what) twice" : "\(other) contributes \(what) too")
    }

    /// A point of a plugin that is not enabled here attaches to nothing, as an optional dependency may.
    private mutating func attach(
        _ point: String, _ value: ObjectIdentifier, _ plugin: KnownPlugin, _ one: any Contribution
    ) {
        guard let owner = points[point], owner.value != value else { return }
        say(plugin, one, "\(owner.plugin) declares the point \(point) with another type")
    }

    /// Two routes that differ only in the names of their placeholders are the same.
    private func shape(_ path: String) -> String {
        path.split(separator: "/").map { $0.first == "{" ? "{}" : String($0) }.joined(separator: "/")
    }
}

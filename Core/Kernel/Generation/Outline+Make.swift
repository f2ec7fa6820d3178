internal import JSON
internal import Lyceum

extension Outline {
    /// Outlines a generation.
    ///
    /// - Parameter plans: its regions, resolved.
    public init(_ generation: Generation, _ plans: [RegionPlan]) throws {
        installation = [Item("workers", "web processes", "\(generation.workers)")]
        installation.append(Item("installation", "development", "\(generation.development)"))
        installation.append(Item("installation", "log", generation.log?.rawValue ?? "as it is read"))
        installation += generation.libraries.map { library in
            // Its bytes: a build in the place of another may have the same version.
            let bytes = (try? GenerationFile.contents(of: library.path)) ?? []
            return Item("library", library.id, secret: hexadecimal(Secrets.fingerprint(bytes).prefix(16)))
        }
        installation += generation.limits.all.map { Item("limit", "\($0.name)", "\($0.value)") }
        regions = try plans.map { Region(id: $0.entry.id, items: try Outline.items($0)) }
    }

    private static func items(_ plan: RegionPlan) throws -> [Item] {
        let entry = plan.entry
        var items = [
            Item("region", "title", entry.title), Item("region", "about", entry.about),
            Item("region", "locale", entry.locale), Item("region", "currency", entry.currency.code),
            Item("region", "time zone", entry.timeZone),
            Item("region", "countries", entry.countries.joined(separator: ", ")), Item("region", "home", entry.home),
            // The way there may name another host, and has a password.
            Item(
                "region", "database", entry.databaseName,
                secret: hexadecimal(Secrets.fingerprint("database\u{0}" + entry.database).prefix(16))),
            Item("region", "origins", entry.api.origins.joined(separator: ", ")),
        ]
        items += entry.api.limits.map {
            Item("rate limit", $0.name, $0.requests == 0 ? "none" : "\($0.requests) in \($0.seconds) s")
        }
        let book = Book()
        for enabled in plan.plugins {
            let plugin = enabled.plugin
            let own = entry.plugins.first { $0.id == plugin.id }
            let state = own?.isDraining == true ? draining : ""
            items.append(Item("plugin", plugin.id, plugin.manifest.version.description + state))
            items += try plugin.type.outline(settings: own?.settings ?? "{}", book)
            for declaration in plugin.declarations { items += [item(declaration)].compactMap { $0 } }
            for contribution in enabled.contributions { items += [item(contribution, plugin.id)].compactMap { $0 } }
        }
        items += entry.templates.map { template in
            Item("template", template.name, "the region's own", secret: fingerprint(template.text))
        }
        let locales = entry.words.map(\.locale).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        items += locales.map { locale in
            let own = entry.words.filter { $0.locale == locale }
            let text = own.map { "\($0.key)\u{1}\($0.text)" }.joined(separator: "\u{2}")
            return Item("words", locale, "\(own.count) of the region's own", secret: fingerprint(text))
        }
        items += entry.failed.map { Item("plugin", $0.id, "failed") }
        items += plan.jobs.map { job in
            Item("job", job.name, job.schedule.map { "at \($0) \(job.zone ?? "")" } ?? "when it is queued")
        }
        return numbered(items)
    }

    private static func fingerprint(_ text: String) -> String {
        hexadecimal(Secrets.fingerprint(text).prefix(16))
    }

    private static func item(_ declaration: any Declaration) -> Item? {
        switch declaration {
        case let permission as Permission:
            Item("permission", permission.id, (["admin"] + permission.roles).joined(separator: ", "))
        case let event as Emits: Item("event", event.id)
        case let point as HookPoint: Item("hook point", point.id)
        default: nil
        }
    }

    private static func item(_ contribution: any Contribution, _ plugin: String) -> Item? {
        switch contribution {
        case let route as Route:
            Item("route", "\(route.method.rawValue) /api/\(route.path)", route.access.description)
        case let page as PageRoute: Item("page", "\(page.method.rawValue) /\(page.path)", page.access.description)
        case let hook as Guard: Item("guard", "of \(plugin) on \(hook.point)")
        case let hook as Collect: Item("collector", "of \(plugin) on \(hook.point)")
        case let offer as Offer: Item("service", offer.service)
        case let listener as Listener:
            Item(
                "listener", "\(plugin).\(listener.id)",
                "on \(listener.topic) v\(listener.major), \(listener.start), "
                    + "\(listener.lanes) \(listener.lanes == 1 ? "lane" : "lanes")")
        default: nil
        }
    }

    /// Names are unique: of several guards of one plugin on one point the second is called so.
    private static func numbered(_ items: [Item]) -> [Item] {
        var seen: [String: Int] = [:]
        return items.map { item in
            let count = seen[item.kind + item.name, default: 0] + 1
            seen[item.kind + item.name] = count
            guard count > 1 else { return item }
            var item = item
            item.name += " (\(count))"
            return item
        }
    }
}

extension Plugin {
    /// The settings as the plugin reads them, of secrets only digests.
    static func outline(settings: String, _ book: Book) throws -> [Outline.Item] {
        let document = try Document(settings)
        return try document.withRoot { root in
            try book.object(Settings.self).fields.map { field in
                let given = root.member(named: field.name)
                let value = given.map { node in
                    let out = JSONWriter()
                    out.node(node)
                    return out.text
                }
                let name = manifest.id + "." + field.name
                guard field.secret || field.schema.hasSecret else {
                    return Outline.Item("setting", name, value ?? field.preset ?? "not set")
                }
                let digest = hexadecimal(Secrets.fingerprint("\(name)\u{0}\(value ?? "")").prefix(16))
                return Outline.Item("setting", name, value == nil ? "not set" : "(secret)", secret: digest)
            }
        }
    }
}

internal import JSON
internal import Lyceum
internal import PostgreSQL

/// The pages that say how the region is: its plugins, and what is set for each.
struct RegionPages: Sendable {
    private let books: RegionBooks

    init(_ books: RegionBooks) { self.books = books }

    struct Plugin: Codable, Sendable {
        var id: String
        var version: String?
        var installed: String?
        var origin: String?
        var state: Text
        var isGood: Bool
        var isBad: Bool
        /// Why it could not be loaded.
        var reason: String?
        var quarantined: [String]
        /// Where its settings are shown; nil where it has none.
        var settings: String?

        init(_ view: PluginView) {
            (id, version, installed, origin) = (view.id, view.version, view.installed, view.origin)
            state = PluginState.words(view.state)
            isGood = view.state == "enabled" && view.quarantined.isEmpty
            (isBad, reason) = (view.isAtFault, view.reason)
            quarantined = view.quarantined
            settings = view.settings.isEmpty ? nil : "/admin/settings#\(view.id)"
        }
    }

    struct Plugins: Codable, Sendable {
        var plugins: [Plugin]
    }

    @Sendable func plugins(_ context: borrowing Context) async throws -> Page {
        Page(
            "lyceum.plugins", title: .words("lyceum.admin.plugins"),
            Plugins(plugins: try views(context).map { Plugin($0) }))
    }

    struct Setting: Codable, Sendable {
        var name: String
        var about: String
        var isSecret: Bool
        var isSet: Bool
        /// As people read it; nil where there is none, and of a secret.
        var value: String?

        init(_ view: SettingView) {
            (name, about, isSecret, isSet) = (view.name, view.about, view.isSecret, view.isSet)
            value = view.value.flatMap { $0 == "null" ? nil : Setting.text($0) }
        }

        /// Text without its quotes, anything else as JSON.
        private static func text(_ json: String) -> String {
            guard let document = try? Document(json) else { return json }
            return document.withRoot { $0.kind == .text ? $0.text : PageWords.pretty(json) }
        }
    }

    struct Group: Codable, Sendable {
        var id: String
        var version: String?
        var settings: [Setting]
    }

    struct Settings: Codable, Sendable {
        var file: String
        var plugins: [Group]
        var isEmpty: Bool
    }

    @Sendable func settings(_ context: borrowing Context) async throws -> Page {
        let groups = try views(context).filter { !$0.settings.isEmpty }.map {
            Group(id: $0.id, version: $0.version, settings: $0.settings.map { Setting($0) })
        }
        return Page(
            "lyceum.settings", title: .words("lyceum.admin.settings"),
            Settings(file: books.file, plugins: groups, isEmpty: groups.isEmpty))
    }

    private func views(_ context: borrowing Context) throws -> [PluginView] {
        let results = try context.database.together([RegionBooks.records, RegionBooks.quarantined])
        return try books.plugins(results[0], results[1])
    }

    /// The same for programs.
    @Sendable func list(_ context: borrowing Context) async throws -> [PluginView] { try views(context) }
}

/// The states of plugins in words.
enum PluginState {
    static func words(_ state: String) -> Text {
        ["enabled", "disabled", "draining", "missing", "failed"].contains(state)
            ? Text("lyceum.admin.plugin.\(state)") : Text("lyceum.admin.plugin.disabled")
    }
}

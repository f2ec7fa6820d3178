internal import Lyceum

/// The home of a region's administration: it leads to all that whoever asks may administrate, also of plugins.
struct HomePage: Sendable {
    private struct View: Encodable, Sendable {}

    private let permissions: [Permission]

    init(_ plan: RegionPlan, own: [any Contribution]) {
        let entries = plan.all(Navigation.self).map(\.value) + own.compactMap { $0 as? Navigation }
        permissions = entries.filter { $0.about != nil }.compactMap { entry in
            if case .permission(let permission) = entry.access { permission } else { nil }
        }
    }

    @Sendable func show(_ context: borrowing Context) async throws -> Page {
        var isAdministrator = false
        for permission in permissions where context.may(permission) { isAdministrator = true }
        guard isAdministrator else { throw Problem.forbidden }
        return Page("lyceum.admin-home", title: .words("lyceum.admin.title"), View())
    }
}

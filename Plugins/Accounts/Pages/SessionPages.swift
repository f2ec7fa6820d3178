internal import AccountsContract
internal import Lyceum

/// The page of somebody's own sessions and access keys.
enum SessionPages {
    struct View: Codable, Sendable {
        var sessions: [SessionPart]
        var keys: [SessionPart]
        var hasOthers: Bool
        var hasNoKeys: Bool
        /// The new key, shown this once.
        var made: NewAccessKey?
        var form: FormFields
        var scopes: [ScopePart]
    }

    /// A session as a page shows it.
    struct SessionPart: Codable, Sendable {
        var id: Session.ID
        var kind: Text
        var name: String?
        var scopes: String?
        var agent: String?
        var address: String?
        var lastSeenAt: Moment?
        var expiresAt: Moment?
        var isCurrent: Bool
    }

    struct ScopePart: Codable, Sendable {
        var id: String
        var about: String?
        var isWriting: Bool
        var isChosen: Bool
    }

    /// Sessions with their times by the region's clock.
    static func parts(_ sessions: [SessionView], _ context: borrowing Context) async throws -> [SessionPart] {
        let moments = try await context.moments(sessions.flatMap { [$0.lastSeenAt, $0.expiresAt] })
        return sessions.enumerated().map { index, one in
            SessionPart(
                id: one.id, kind: Text("accounts.session.\(one.kind.rawValue)"), name: one.name,
                scopes: one.scopes.flatMap { $0.isEmpty ? nil : $0.joined(separator: ", ") }, agent: one.agent,
                address: one.address, lastSeenAt: moments[index * 2], expiresAt: moments[index * 2 + 1],
                isCurrent: one.isCurrent)
        }
    }

    private static func page(
        _ form: FormFields, chosen: [String] = [], made: NewAccessKey? = nil, status: Int = 200,
        _ context: borrowing Context
    ) async throws -> Page {
        let account = try context.user.account
        let rows = try await SessionStore.list(of: account, current: context.token, context.database)
        let all = try await parts(try rows.values(), context)
        let (keys, sessions) = (all.filter { $0.name != nil }, all.filter { $0.name == nil })
        let known = context.permissions
        let scopes = AccessKeys.scopes(context).map { id in
            ScopePart(
                id: id, about: known.first { $0.id == id }?.about, isWriting: id == Principal.writing,
                isChosen: chosen.contains(id))
        }
        return Page(
            "accounts.sessions", title: .words("accounts.sessions.title"),
            View(
                sessions: sessions, keys: keys, hasOthers: sessions.contains { !$0.isCurrent }, hasNoKeys: keys.isEmpty,
                made: made, form: form, scopes: scopes), status: status)
    }

    @Sendable static func show(_ context: borrowing Context) async throws -> Page {
        try await page(try context.blankForm(AccessKeyDraft.self).showing("days", "90"), context)
    }

    @Sendable static func end(_ context: borrowing Context, _ session: Session.ID) async throws -> Page {
        // One that has ended meanwhile has ended.
        _ = try await SessionStore.end(session, of: try context.user.account, context.database)
        return .redirect(to: "/accounts/sessions")
    }

    @Sendable static func endOthers(_ context: borrowing Context) async throws -> Page {
        try await SessionStore.endAll(of: try context.user.account, but: context.token, context.database)
        return .redirect(to: "/accounts/sessions")
    }

    @Sendable static func makeKey(_ context: borrowing Context, _ form: Form<AccessKeyDraft>) async throws -> Page {
        guard let draft = form.value else { return try await page(form.fields, status: 422, context) }
        do {
            let made = try await AccessKeys.make(draft, context)
            let blank = try context.blankForm(AccessKeyDraft.self).showing("days", "90")
            return try await page(blank, made: made, context)
        } catch is Faults {
            let fields = form.fields.failing("scopes", Text("accounts.fault.scope"))
            return try await page(fields, chosen: draft.scopes, status: 422, context)
        }
    }
}

internal import AccountsContract
internal import Lyceum

/// Making access keys, as the page and the API share it.
enum AccessKeys {
    /// Makes a key that may do what is asked, which must be no more than its owner may.
    static func make(_ draft: AccessKeyDraft, _ context: borrowing Context) async throws -> NewAccessKey {
        let owner = try context.user
        guard owner.scopes == nil else { throw AccountsError.keysMakeNoKeys }
        let known = scopes(context)
        var faults = Faults()
        for (index, scope) in draft.scopes.enumerated() where !known.contains(scope) {
            faults.list.append(
                Fault(
                    pointer: "/scopes/\(index)", code: "accounts.no_such_scope",
                    sentence: "must be one of what you may do yourself: \(known.joined(separator: ", "))"))
        }
        guard faults.isEmpty else { throw faults }
        var draft = draft
        draft.scopes = Array(Set(draft.scopes)).sorted()
        let expiry = context.database.now + .seconds(draft.days * 86_400)
        let token = try await SessionStore.begin(
            .api, owner.account, SessionStore.Terms(expiry: expiry), Device(context.request), key: draft,
            context.database)
        return NewAccessKey(token: token, name: draft.name, scopes: draft.scopes, expiresAt: expiry)
    }

    /// What keys of whoever asks may be allowed to do.
    static func scopes(_ context: borrowing Context) -> [String] {
        var scopes = [Principal.writing]
        for permission in context.permissions where context.may(permission) { scopes.append(permission.id) }
        return scopes
    }
}

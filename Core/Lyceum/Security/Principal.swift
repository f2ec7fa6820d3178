/// Who is asking: a signed-in person, as the region's authenticator recognised them.
public struct Principal: Sendable {
    /// The person's id; a typed one is made of it by the plugin that owns people.
    public let id: RawID
    /// How the person is called on a page.
    public let name: String
    /// The person's roles in this region.
    public let roles: [String]
    /// Ties the forms of a page to the session it was shown in; nil for bearer tokens, which need no such tie.
    public let formToken: String?

    /// Describes a person.
    public init(id: RawID, name: String, roles: [String], formToken: String?) {
        (self.id, self.name, self.roles, self.formToken) = (id, name, roles, formToken)
    }
}

/// What a request shows to be recognised.
public enum Credential: Sendable {
    /// The value of the session cookie. Pages accept only this.
    case session(String)
    /// The token of an `Authorization: Bearer` header (RFC 6750). The API accepts only this.
    case bearer(String)
}

/// Recognises people by their credentials; exactly one plugin of a region contributes one.
public struct Authenticator: Contribution {
    package let recognise: @Sendable (Credential, Database) async throws -> Principal?

    /// Contributes a way to recognise people.
    ///
    /// The closure answers nil for a credential that is unknown, expired or revoked.
    public init(_ recognise: @escaping @Sendable (Credential, Database) async throws -> Principal?) {
        self.recognise = recognise
    }

    /// `authenticator`.
    public var summary: String { "authenticator" }
}

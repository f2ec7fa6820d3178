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
    /// What the credential may be used for, where it may not be used for all that the person may do; nil: for all of it.
    ///
    /// Each is ``writing`` or the id of a permission. Reading what is the person's own needs none.
    public let scopes: [String]?

    /// The scope of routes that change something and need no permission.
    public static let writing = "write"

    /// Describes a person.
    public init(id: RawID, name: String, roles: [String], formToken: String?, scopes: [String]? = nil) {
        (self.id, self.name, self.roles, self.formToken) = (id, name, roles, formToken)
        self.scopes = scopes
    }

    /// Whether the credential may be used for something.
    package func reaches(_ scope: String) -> Bool { scopes?.contains(scope) ?? true }
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

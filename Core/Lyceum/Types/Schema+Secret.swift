extension Schema {
    /// Whether anything within it is a secret.
    public var hasSecret: Bool { hasSecret(0) }

    /// Types may contain themselves, hence the depth.
    private func hasSecret(_ depth: Int) -> Bool {
        func any(_ object: ObjectSchema) -> Bool {
            object.fields.contains { $0.secret || $0.schema.hasSecret(depth + 1) }
        }
        guard depth < 8 else { return false }
        switch self {
        case .object(let object): return any(object)
        case .list(let item, _): return item.hasSecret(depth + 1)
        case .union(let union): return union.variants.contains { any($0.object) }
        default: return false
        }
    }
}

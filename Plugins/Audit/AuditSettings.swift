public import Lyceum

/// What a region may say about its audit.
public struct AuditSettings: Input {
    /// After how many days what was recorded is removed.
    @Field("Days after which what was recorded is removed; without it, everything is kept.", .range(30...36_500))
    public var keepDays: Int?

    /// Everything is kept.
    public init() {}
}

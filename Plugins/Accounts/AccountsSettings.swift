public import Lyceum

/// What a region may say about accounts.
public struct AccountsSettings: Input {
    /// Given to everybody who registers.
    @Field("The role of everybody who registers.", .length(1...40).example("student")) public var defaultRole =
        "student"
    /// How long a session lasts that was not asked to be remembered.
    @Field("Hours until a session ends.", .range(1...720)) public var sessionHours = 12
    /// How long a session lasts that nobody uses, and that was not asked to be remembered.
    @Field("Minutes without use after which a session ends.", .range(5...43_200)) public var idleMinutes = 120
    /// How long a remembered session lasts.
    @Field("Days until a remembered session ends.", .range(1...365)) public var rememberDays = 30
    /// How long a remembered session lasts that nobody uses.
    @Field("Days without use after which a remembered session ends.", .range(1...365)) public var idleDays = 14

    /// The defaults.
    public init() {}
}

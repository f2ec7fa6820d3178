internal import Lyceum

/// What somebody sends to make an access key.
struct AccessKeyDraft: Input {
    @Field("What you call it.", .length(1...100).example("Timetable on my web site")) var name: String
    @Field(
        "What it may do beyond reading what is yours: `write`, and ids of permissions that you have.",
        .count(0...100).each(.length(1...200))) var scopes: [String] = []
    @Field("For how many days.", .range(1...365)) var days = 90
}

/// A new access key.
struct NewAccessKey: View, Documented {
    var token: String
    var name: String
    var scopes: [String]
    var expiresAt: Instant

    static let about = ["token": "Send it as `Authorization: Bearer …`. It is shown only now."]
}

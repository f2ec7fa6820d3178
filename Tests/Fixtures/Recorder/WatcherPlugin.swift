public import Lyceum
internal import PostgreSQL

/// A plugin that listens to the recorder's event without knowing its type, and begins where its settings say.
public struct WatcherPlugin: Plugin {
    /// Where it begins.
    public struct Settings: Input {
        /// With the event of this id.
        @Field("The first event.") public var first: Int64?
        /// With what was published since.
        @Field("The first moment.") public var since: Instant?
        /// Makes settings to fill.
        public init() {}
    }

    /// Who it is.
    public static let manifest = Manifest(id: "watcher", version: "1.0.0")

    /// A table.
    public static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([
            Migration(
                1, "seen",
                "create table watcher.seen (place bigint generated always as identity, key text, number bigint);")
        ])
    }

    private struct Number: Decodable, Sendable {
        var key: String
        var number: Int64
    }

    /// Makes the plugin.
    public init() {}

    /// A listener.
    public func contributions(_ settings: Settings) -> [any Contribution] {
        let start: Listener.Start =
            if let first = settings.first { .event(first) } else if let since = settings.since { .time(since) } else {
                .now
            }
        Listener("watch", on: Fact("recorder.number.sent", major: 1, as: Number.self), from: start) {
            sent, transaction in
            try await transaction.run("insert into watcher.seen (key, number) values (\(sent.key), \(sent.number))")
        }
    }
}

public import Lyceum
internal import PostgreSQL

/// A plugin whose listeners do as little as listeners can, to measure the bus itself.
public struct BusPlugin: Plugin {
    /// Who it is.
    public static let manifest = Manifest(id: "bus", version: "1.0.0")

    /// A table, two events.
    public static var declarations: [any Declaration] {
        PersonalData.none
        Migrations([Migration(1, "seen", "create table bus.seen (key text, number bigint);")])
        Emits(BusNumber.self)
        Emits(BusRow.self)
    }

    /// Makes the plugin.
    public init() {}

    /// Three listeners without an effect, one that writes a row.
    public func contributions(_ settings: NoSettings) -> [any Contribution] {
        for index in 0..<3 { Listener("nothing-\(index)", on: BusNumber.self) { _, _ in } }
        Listener("row", on: BusRow.self, lanes: 4) { sent, transaction in
            try await transaction.run("insert into bus.seen values (\(sent.key), \(sent.number))")
        }
    }
}

/// A number was sent to listeners that do nothing.
public struct BusNumber: Event {
    /// `bus.number.sent`.
    public static let name = "bus.number.sent"
    /// Whose turn it is.
    public var key: String
    /// Which turn.
    public var number: Int64
}

/// A number was sent to a listener that writes it down.
public struct BusRow: Event {
    /// `bus.row.sent`.
    public static let name = "bus.row.sent"
    /// Whose turn it is.
    public var key: String
    /// Which turn.
    public var number: Int64
}

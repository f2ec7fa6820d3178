/// Something that a plugin may still owe to people in a region, such as bookings that are yet to come.
///
///     Obligation("bookings", "bookings of classes that are yet to come") { transaction in
///         let open = try await BookingStore.open(transaction)
///         return Owed(open.count, examples: open.prefix(3).map { "\($0.class) for \($0.name)" })
///     }
///
/// A plugin is disabled only when it owes nothing: `lyceum disable` asks, and refuses with the list. With `--drain` the plugin
/// goes on as ever but for new promises, which it has to refuse itself, until it owes nothing:
///
///     guard !transaction.isDraining else { throw Problem.draining }
///
/// It is asked often, and by people who wait; so it should be one statement, and changes nothing.
public struct Obligation: Contribution {
    /// Its name within the plugin.
    public let id: String
    /// What is owed, in the plural, for operators: `bookings of classes that are yet to come`.
    public let about: String
    package let ask: @Sendable (borrowing Transaction) async throws -> Owed

    /// Declares something that may be owed.
    ///
    /// - Parameters:
    ///   - id: its name within the plugin.
    ///   - about: what is owed, in the plural, as it stands after a number.
    ///   - ask: answers how much of it is left, as the plugin's own role.
    public init(
        _ id: String, _ about: String, _ ask: @escaping @Sendable (borrowing Transaction) async throws -> Owed
    ) {
        (self.id, self.about, self.ask) = (id, about, ask)
    }

    /// `obligation bookings`.
    public var summary: String { "obligation \(id)" }
}

/// How much of an ``Obligation`` is left.
public struct Owed: Sendable, Equatable {
    /// How many there are; 0 when nothing is owed.
    public let count: Int
    /// A few of them, each in some words by which an operator knows it.
    public let examples: [String]

    /// Answers an ``Obligation``.
    public init(_ count: Int, examples: [String] = []) { (self.count, self.examples) = (count, examples) }
}

extension Transaction {
    /// Whether the plugin that acts is about to be disabled here: it keeps what it promised, and promises nothing new.
    public var isDraining: Bool { region.isDraining(scope.database.plugin) }
}

extension Context {
    /// Whether the plugin that answers is about to be disabled here: it keeps what it promised, and promises nothing new.
    public var isDraining: Bool { region.isDraining(database.plugin) }
}

extension Problem {
    /// 409: what is asked for would be a new promise of a plugin that is about to be disabled.
    public static let draining = Problem(
        status: 409, code: "draining", title: "Nothing new is accepted here any more.",
        detail: "What has been agreed so far stays as it is.")
}

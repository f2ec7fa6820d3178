public import JSON
public import PostgreSQL

/// Rows of a statement, still as PostgreSQL sent them, written to JSON without becoming values first.
///
/// It rests on the session's settings: text format, time zone UTC, ISO dates, UTF-8.
public struct Rows<Item: Decodable & Sendable>: Sendable {
    let result: Result
    let plan: RowPlan
    /// The list that a cursor made of them belongs to; see ``Request/list``.
    let list: UInt32

    /// Rows whose columns a plan was made for; a plan holds for every result of the same statement.
    public init(_ result: Result, _ plan: RowPlan) { self.init(result, plan, list: 0) }

    package init(_ result: Result, _ plan: RowPlan, list: UInt32) {
        (self.result, self.plan, self.list) = (result, plan, list)
    }

    /// How many rows there are.
    public var count: Int { result.rowCount }

    /// Writes all rows as a list.
    ///
    /// - Throws: ``RowError`` for what JSON or the view cannot hold, such as an infinite date.
    public func write(to out: JSONWriter) throws { try write(first: count, to: out) }

    /// Writes the first rows as a list.
    func write(first rows: Int, to out: JSONWriter) throws {
        out.openList()
        try plan.write(result, rows: 0..<rows, to: out)
        out.closeList()
    }
}

extension Rows: Answer, JSONAnswer where Item: View {
    /// A list of the view.
    public static func answer(_ book: Book) throws -> Schema? { .list(try book.schema(Item.self), count: nil) }
}

/// One row, still as PostgreSQL sent it, written as an object.
public struct SingleRow<Item: Decodable & Sendable>: Sendable {
    private let rows: Rows<Item>

    /// The first of some rows; there must be one.
    public init(_ rows: Rows<Item>) {
        precondition(rows.count > 0, "no row, so no single row; the caller answers 404 before")
        self.rows = rows
    }

    /// Writes an object.
    public func write(to out: JSONWriter) throws { try rows.plan.write(rows.result, rows: 0..<1, to: out) }

    /// The row as a value.
    public func value() throws -> Item { try rows.value(0) }
}

extension SingleRow: Answer, JSONAnswer where Item: View {
    /// The view.
    public static func answer(_ book: Book) throws -> Schema? { try book.schema(Item.self) }

    /// Writes the object, and the `ETag` of a ``Versioned`` one.
    public func write(to response: Response) throws {
        try write(to: response.body)
        guard rows.plan.version >= 0 else { return }
        var row = rows.result.row(0)
        for _ in 0..<rows.plan.version { row.skip() }
        response.tag(version: try row.next())
    }
}

/// A value in a row that its view cannot show: PostgreSQL's infinite dates, years before 1 or after 9999, numbers that
/// are none, NULL where the view has no optional.
public struct RowError: Error, Sendable, CustomStringConvertible {
    /// A sentence that names the column and the row, and no value but such as are named above.
    public let description: String
}

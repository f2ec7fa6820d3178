public import PostgreSQL

/// How the columns of a statement become the fields of a view: found once per statement, then followed blindly.
///
/// A field `startsAt` takes the column `starts_at`; a ``Money`` `price` takes `price_minor` and `price_currency`, or else
/// the row's `currency`; an object `author` takes `author_id`, `author_name` and so on, or one column `author` of type
/// json; a list takes an array or json. Columns whose names begin with an underscore are for the statement's author, such
/// as what a ``Listing`` is ordered by, and belong to no field. Everything else that does not match is refused with the
/// column's name, and so is a column of a type that JSON would show as another.
public final class RowPlan: Sendable {
    /// What becomes of a value.
    enum Kind: UInt8, Sendable {
        /// Copied: whole numbers, json.
        case raw
        /// Copied, unless it is infinite or no number.
        case number
        /// Put in quotes: uuid.
        case quoted
        /// Put in quotes and escaped.
        case text
        case boolean
        case date
        case instant
        case array
        /// No value: only the move's prefix, such as what closes an object.
        case nothing
        /// No value: an object that is null when the column is; then `skip` moves are passed over.
        case object
    }

    /// One step: a prefix such as `,"title":`, then a value.
    struct Move: Sendable {
        var kind: Kind
        var required: Bool
        /// How many moves an absent object passes over.
        var skip: UInt16 = 0
        var column: Int32
        /// In words of eight bytes, so that the prefix is copied without a call.
        var prefixStart: Int32
        var prefixLength: Int32
    }

    /// What ``Rows/values()`` reads, in the order in which a view decodes.
    struct Slot: Sendable {
        let column: Int
        /// For an object: how many slots it has, itself included; 0 for a value.
        let span: Int
        /// For json and arrays.
        let field: FieldSchema
    }

    let moves: [Move]
    let prefixes: [UInt64]
    let slots: [Slot]
    let columns: [String]
    let object: ObjectSchema
    /// The column of a ``Versioned`` view's version; -1 for any other view.
    let version: Int

    /// Matches the fields of a view with the columns of a result, by their names and types.
    ///
    /// - Throws: ``DescriptionError`` naming the column.
    public convenience init(_ object: ObjectSchema, _ result: Result) throws {
        try self.init(object, (0..<result.columnCount).map { (result.columnName($0), result.columnType($0)) })
    }

    /// Matches the fields of a view with columns, by their names and types (numbers of `pg_type`).
    ///
    /// - Throws: ``DescriptionError`` naming the column.
    public init(_ object: ObjectSchema, _ columns: [(name: String, type: UInt32)]) throws {
        var builder = RowPlanBuilder(object, columns)
        try builder.build()
        (moves, prefixes, slots) = (builder.moves, builder.prefixes, builder.slots)
        (self.columns, self.object) = (columns.map(\.name), object)
        version = object.isVersioned ? columns.firstIndex { $0.name == "version" } ?? -1 : -1
    }
}

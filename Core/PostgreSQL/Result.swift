internal import CPostgreSQL
internal import Glibc

/// What a statement returned, still as PostgreSQL sent it: owned, and only ever read.
///
/// Pointers handed out live as long as the result.
public final class Result: @unchecked Sendable {
    // Sendable because nothing writes after `init`: libpq's accessors only read a PGresult, and it is freed by the last owner.
    private let result: OpaquePointer
    /// How many rows there are.
    public let rowCount: Int
    /// How many columns each has.
    public let columnCount: Int

    init(owning result: OpaquePointer) {
        self.result = result
        rowCount = Int(PQntuples(result))
        columnCount = Int(PQnfields(result))
    }

    deinit { PQclear(result) }

    /// How many rows the statement inserted, updated, deleted or selected; 0 for statements that do none of these.
    public var affectedRows: Int { PQcmdTuples(result).map { Int(atol($0)) } ?? 0 }

    /// A column's name; empty past the last column.
    public func columnName(_ column: Int) -> String {
        PQfname(result, Int32(truncatingIfNeeded: column)).map { String(cString: $0) } ?? ""
    }

    /// A column's type, by its number in `pg_type`: 25 is text, 20 bigint, 2950 uuid.
    public func columnType(_ column: Int) -> UInt32 { PQftype(result, Int32(truncatingIfNeeded: column)) }

    /// A value's bytes in text format; nil for NULL and outside the result.
    public func bytes(row: Int, column: Int) -> UnsafeBufferPointer<UInt8>? {
        guard row >= 0, row < rowCount, column >= 0, column < columnCount else { return nil }
        let (row, column) = (Int32(truncatingIfNeeded: row), Int32(truncatingIfNeeded: column))
        let length = Int(PQgetlength(result, row, column))
        if length == 0, PQgetisnull(result, row, column) == 1 { return nil }
        return UnsafeBufferPointer(
            start: UnsafeRawPointer(PQgetvalue(result, row, column))?.assumingMemoryBound(to: UInt8.self), count: length
        )
    }

    /// A row, to be read from left to right; rows are counted from 0 and must exist.
    @inlinable
    public func row(_ index: Int) -> Row {
        precondition(index >= 0 && index < rowCount, "there is no such row")
        return Row(self, index)
    }

    /// The first row, or nil when there is none.
    @inlinable
    public var first: Row? { rowCount > 0 ? Row(self, 0) : nil }

    /// Makes a value of each row.
    ///
    ///     let courses = try result.map { row in try Course(id: row.next(), title: row.next()) }
    @inlinable
    public func map<Value, Failure: Error>(_ make: (inout Row) throws(Failure) -> Value) throws(Failure) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(rowCount)
        for index in 0..<rowCount {
            var row = Row(self, index)
            values.append(try make(&row))
        }
        return values
    }
}

extension Result: Sequence {
    /// The rows in order: `for var row in result { … }`.
    public struct Iterator: IteratorProtocol {
        private let result: Result
        private var index = 0

        init(_ result: Result) { self.result = result }

        /// The next row, or nil after the last.
        public mutating func next() -> Row? {
            guard index < result.rowCount else { return nil }
            defer { index += 1 }
            return Row(result, index)
        }
    }

    /// The rows in order.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// Exactly `rowCount`.
    public var underestimatedCount: Int { rowCount }
}

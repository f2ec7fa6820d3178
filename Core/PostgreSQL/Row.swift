/// One row, read from left to right by position.
///
///     var row = result.row(0)
///     let id: Course.ID = try row.next()
///     let summary: String? = try row.next()
///
/// A copy reads on by itself from where the original stood.
public struct Row: Sendable {
    /// The result it belongs to.
    public let result: Result
    /// Its number, from 0.
    public let index: Int
    /// The column that `next` reads.
    public private(set) var column = 0

    @usableFromInline
    init(_ result: Result, _ index: Int) { (self.result, self.index) = (result, index) }

    /// The next value; an error when it is NULL or no such value, naming the column and never the value.
    @inlinable
    public mutating func next<Value: SQLValue>(as type: Value.Type = Value.self) throws(DatabaseError) -> Value {
        guard let bytes = bytes(), let value = Value(sql: bytes) else { throw mismatch(Value.self) }
        return value
    }

    /// The next value, or nil when it is NULL.
    @inlinable
    public mutating func next<Value: SQLValue>(as type: Value?.Type = Value?.self) throws(DatabaseError) -> Value? {
        guard let bytes = bytes() else {
            if column > result.columnCount { throw mismatch(Value.self) }
            return nil
        }
        guard let value = Value(sql: bytes) else { throw mismatch(Value.self) }
        return value
    }

    /// The next value, an array without NULLs.
    @inlinable
    public mutating func next<Value: SQLValue>(as type: [Value].Type = [Value].self) throws(DatabaseError) -> [Value] {
        guard let bytes = bytes(), let values: [Value?] = SQLArray.read(bytes) else { throw mismatch([Value].self) }
        var whole: [Value] = []
        whole.reserveCapacity(values.count)
        for value in values {
            guard let value else { throw mismatch([Value].self) }
            whole.append(value)
        }
        return whole
    }

    /// The next value, an array in which nil is NULL.
    @inlinable
    public mutating func next<Value: SQLValue>(as type: [Value?].Type = [Value?].self) throws(DatabaseError) -> [Value?]
    {
        guard let bytes = bytes(), let values: [Value?] = SQLArray.read(bytes) else { throw mismatch([Value?].self) }
        return values
    }

    /// The next value, an array without NULLs, or nil when it is NULL itself.
    @inlinable
    public mutating func next<Value: SQLValue>(as type: [Value]?.Type = [Value]?.self) throws(DatabaseError) -> [Value]?
    {
        if column < result.columnCount, result.bytes(row: index, column: column) == nil {
            skip()
            return nil
        }
        let values: [Value] = try next()
        return values
    }

    /// Passes over columns.
    public mutating func skip(_ columns: Int = 1) { column += columns }

    @usableFromInline
    mutating func bytes() -> UnsafeBufferPointer<UInt8>? {
        defer { column += 1 }
        return result.bytes(row: index, column: column)
    }

    /// The error for the column read last.
    @usableFromInline
    func mismatch(_ type: Any.Type) -> DatabaseError {
        let at = column - 1
        if at >= result.columnCount {
            return DatabaseError(
                .decoding, "the row has \(result.columnCount) columns; there is none to read as \(type) after them")
        }
        let name = result.columnName(at)
        if result.bytes(row: index, column: at) == nil {
            return DatabaseError(
                .decoding, "the column \(name) is NULL in row \(index), but \(type) is read there; read an optional")
        }
        return DatabaseError(
            .decoding, "the column \(name) of type \(result.columnType(at)) holds no \(type) in row \(index)")
    }
}

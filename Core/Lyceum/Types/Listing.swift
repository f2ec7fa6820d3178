public import JSON
internal import PostgreSQL

/// One page of a list: `{"items": [...], "next": "opaque" | null}`.
///
/// The statement asks for one row more than the page has; where it comes, there is a next page, whose ``Cursor`` holds the
/// key columns of the page's last row. The key must order the rows totally, so it ends with the id:
///
///     let (at, id) = try filter.after.values(Instant.self, Course.ID.self)
///     ... where (\(at)::timestamptz is null or (published_at, id) < (\(at), \(id)))
///     ... order by published_at desc, id desc limit \(filter.limit + 1)
///     try rows.listing(limit: filter.limit, key: ["published_at", "id"])
public struct Listing<Item: View>: JSONAnswer {
    private enum Content: Sendable {
        case rows(Rows<Item>, count: Int, next: Cursor?)
        case items([Item], next: Cursor?)
    }
    private let content: Content

    init(_ rows: Rows<Item>, count: Int, next: Cursor?) { content = .rows(rows, count: count, next: next) }

    /// A page of values that were made in Swift.
    public init(_ items: [Item], next: Cursor?) { content = .items(items, next: next) }

    /// How many items the page has.
    public var count: Int {
        switch content {
        case .rows(_, let count, _): count
        case .items(let items, _): items.count
        }
    }

    /// Where the next page begins; nil on the last page.
    public var next: Cursor? {
        switch content {
        case .rows(_, _, let next): next
        case .items(_, let next): next
        }
    }

    /// The items as values, for those who compute with them.
    public func values() throws -> [Item] {
        switch content {
        case .rows(let rows, let count, _): try (0..<count).map { try rows.value($0) }
        case .items(let items, _): items
        }
    }

    /// An object of its own for each view, `courses.CourseView.Listing`.
    public static func answer(_ book: Book) throws -> Schema? {
        let item = try book.object(Item.self)
        let object = try book.object(
            for: Self.self, named: "\(item.name).Listing", reference: item.reference + ".Listing"
        ) { object in
            let items = FieldSchema("items", .list(.object(item), count: nil), required: true, nullable: false)
            let next = FieldSchema("next", .string(.cursor, length: nil), required: true, nullable: true)
            next.about = "Where the next page begins; null on the last page."
            object.fields = [items, next]
            object.isAnswer = true
        }
        return .object(object)
    }

    /// Writes the page.
    public func write(to out: JSONWriter) throws {
        out.openObject()
        out.key("items")
        switch content {
        case .rows(let rows, let count, _): try rows.write(first: count, to: out)
        case .items(let items, _): try out.encode(list: items)
        }
        out.key("next")
        if let next { out.string(next.description) } else { out.null() }
        out.closeObject()
    }
}

extension Rows where Item: View {
    /// A page of at most `limit` rows.
    ///
    /// - Parameters:
    ///   - limit: how many rows the page has; the statement asked for one more.
    ///   - key: the names of the columns that order the rows, the last of them unique. One that the view does not show
    ///     begins with an underscore.
    /// - Throws: ``DescriptionError`` for a key that is no column, ``RowError`` for one that is null.
    public func listing(limit: Int, key: [String]) throws -> Listing<Item> {
        let limit = max(limit, 0)
        var columns: [Int] = []
        columns.reserveCapacity(key.count)
        for name in key {
            guard let column = plan.columns.firstIndex(of: name) else {
                throw DescriptionError("the list is ordered by \(name), which is no column of it")
            }
            columns.append(column)
        }
        guard count > limit, limit > 0 else { return Listing(self, count: min(count, limit), next: nil) }
        let values = try columns.map { column in
            guard let bytes = result.bytes(row: limit - 1, column: column) else {
                throw plan.refuse(result, limit - 1, column, "is null, but the list is ordered by it")
            }
            return bytes
        }
        guard let next = Cursor(values, list: list) else {
            throw RowError(description: "the key of a list may not be longer than 65,535 bytes")
        }
        return Listing(self, count: limit, next: next)
    }
}

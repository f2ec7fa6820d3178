internal import PostgreSQL

/// An instant as a page prints it: by the clock of the region, and for programs.
///
///     {{#postedAt}}<time datetime="{{utc}}">{{local}}</time>{{/postedAt}}
public struct Moment: Codable, Hashable, Sendable {
    /// As RFC 3339 writes it, `2026-01-31T09:00:00Z`: for HTML's `datetime`.
    public let utc: String
    /// In the region's time zone, `2026-01-31 10:00` (ISO 8601 with a space): read alike in every language.
    public let local: String
}

extension Context {
    /// Instants as pages print them, in their order.
    ///
    /// One statement for all of them: PostgreSQL knows the zones, and there is no second list of them to keep up to date.
    public func moments(_ instants: [Instant]) async throws -> [Moment] {
        guard !instants.isEmpty else { return [] }
        let rows = try await database.query(
            """
            select to_char(at at time zone \(region.timeZone), 'YYYY-MM-DD HH24:MI')
            from unnest(\(instants)::timestamptz[]) with ordinality as given (at, place) order by place
            """)
        let texts = try rows.map { row in try row.next(as: String.self) }
        return zip(instants, texts).map { Moment(utc: "\($0)", local: $1) }
    }
}

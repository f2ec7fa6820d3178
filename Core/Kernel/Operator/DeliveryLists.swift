internal import Lyceum
internal import PostgreSQL

/// The statements of the lists of deliveries; each page asks them in one round trip.
enum DeliveryLists {
    /// Failed events of a listener, the oldest first.
    static func failed(_ listener: String, _ filter: FailedFilter) throws -> Statement {
        let after = try filter.after.values(Int64.self)
        let (isAny, isDead) = (filter.state == nil, filter.state == .dead)
        return """
            select event, key, case when dead then 'dead' else 'waiting' end as state, attempt as attempts,
                at as published_at, case when not dead then due_at end as due_at, error
            from lyceum.retry
            where listener = \(listener) and (event > \(after) or \(after)::bigint is null)
                and (\(isAny) or dead = \(isDead)) and (key = \(filter.key) or \(filter.key)::text is null)
            order by event
            limit \(filter.limit + 1)
            """
    }

    /// One of them, with all that is known of it.
    static func failed(_ listener: String, event: Int64) -> Statement {
        """
        select retry.listener, retry.event, heard.topic, heard.major, retry.key,
            case when retry.dead then 'dead' else 'waiting' end as state, retry.attempt as attempts,
            retry.at as published_at, case when not retry.dead then retry.due_at end as due_at, retry.error,
            coalesce(retry.causes -> 'causes', '[]'::json) as causes, retry.payload, retry.trace
        from lyceum.retry, lateral (
            select topic, major from lyceum.cursor where cursor.listener = retry.listener limit 1) as heard
        where retry.listener = \(listener) and retry.event = \(event)
        """
    }
}

extension Database {
    /// Answers of statements that were sent together.
    func together(_ statements: [Statement]) throws -> [Result] {
        try withConnection { try $0.pipeline(statements) }
    }

    /// Rows of such an answer.
    func rows<V: View>(_ type: V.Type, _ statement: Statement, _ result: Result) throws -> Rows<V> {
        try plans.rows(type, statement, result)
    }
}

internal import PostgreSQL

/// Answers that were given to requests with an `Idempotency-Key`; see `OncePerKey`.
extension KernelSchema {
    static let answers = Migration(
        5, "answers to requests with a key",
        """
        create table lyceum.answer (
            key bytea primary key,
            request bytea not null,
            status smallint,
            sealed bytea,
            at timestamptz not null default clock_timestamp()
        );
        create index answer_at_index on lyceum.answer (at);
        comment on table lyceum.answer is 'requests that were done, by the digest of who asked and their Idempotency-Key';
        comment on column lyceum.answer.request is 'digest of method, address and body';
        comment on column lyceum.answer.sealed is 'header fields and body, encrypted with the key that the client sent';
        """)

    /// Lets a role answer requests.
    static func grantAnswering(to role: String) -> String {
        "grant select, insert, update, delete on lyceum.answer to \(role);"
    }
}

internal import PostgreSQL

/// How many of a listener's events that were given up were dropped, because nobody cared for them in time.
extension KernelSchema {
    static let dropped = Migration(
        16, "events given up that were dropped",
        """
        alter table lyceum.listener add column dropped bigint not null default 0;
        comment on column lyceum.listener.dropped is 'events given up that were dropped after limits.deadDays';
        """)
}

internal import PostgreSQL

/// Listeners whose attempts ended with their process.
extension KernelSchema {
    static let quarantine = Migration(
        4, "quarantine of listeners",
        """
        create table lyceum.listener (
            name text primary key,
            history bigint not null default 0,
            last_death text,
            quarantined_at timestamptz,
            reason text
        );
        comment on column lyceum.listener.history is
            'its last 20 attempts, the latest in the lowest bit; a bit is set where the process died';
        comment on column lyceum.listener.last_death is 'the process that died last, which is counted once';
        comment on column lyceum.listener.quarantined_at is 'since when it is given nothing; null: it is not quarantined';
        """)
}

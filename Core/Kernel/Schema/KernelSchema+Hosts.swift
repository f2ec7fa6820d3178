internal import PostgreSQL

/// What several hosts that serve a region know of each other.
///
///     lyceum.wanted   counts the decisions about the region; each host makes a new generation when it has grown
///     lyceum.host     the hosts, and up to which decision each of them serves
///
/// Plugins see neither.
extension KernelSchema {
    static let hosts = Migration(
        7, "hosts",
        """
        alter table lyceum.plugin drop constraint plugin_state_check;
        alter table lyceum.plugin add constraint plugin_state_check
            check (state in ('enabled', 'disabled', 'draining'));

        create table lyceum.wanted (
            single boolean primary key default true constraint wanted_single_check check (single),
            revision bigint not null,
            host text,
            at timestamptz not null default clock_timestamp()
        );
        comment on column lyceum.wanted.host is 'on which host it was decided; null: on none that serves';
        insert into lyceum.wanted (revision) values (0);

        create table lyceum.host (
            id text primary key,
            name text not null,
            revision bigint not null,
            plugins text not null,
            digest text not null,
            refused bigint,
            reason text,
            seen_at timestamptz not null default clock_timestamp()
        ) with (fillfactor = 50);
        comment on column lyceum.host.revision is 'the decisions up to this one are in what it serves';
        comment on column lyceum.host.digest is 'of all that the region consists of there, to see whether hosts differ';
        comment on column lyceum.host.refused is 'the decision that it could not take up, for the reason';
        """)

    /// What the login of the processes needs that watch over decisions.
    ///
    /// - Parameter role: its name, quoted.
    static func grantWatching(to role: String) -> String {
        """
        grant select on lyceum.wanted to \(role);
        grant select, insert, update, delete on lyceum.host to \(role);
        """
    }
}

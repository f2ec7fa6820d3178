internal import PostgreSQL

/// The kernel's own schema, `lyceum`, in the database of every region.
///
///     lyceum.plugin   what is installed, and what an operator decided about it
///     lyceum.event    the log of events, append-only
///     lyceum.cursor   where each listener is
///     lyceum.retry    events that failed for a listener, and wait or are dead
///
/// Plugins see none of it: they may only call `lyceum.publish`, which writes into the log as the schema's owner.
public enum KernelSchema {
    /// The name under which the steps are recorded, and that of the schema.
    static let name = "lyceum"

    /// The steps, in the order of their versions; never changed once released.
    static let migrations = [
        Migration(
            1, "plugins and the event log",
            """
            create table lyceum.plugin (
                id text primary key,
                state text constraint plugin_state_check check (state in ('enabled', 'disabled')),
                version text,
                at timestamptz not null default clock_timestamp()
            );
            comment on column lyceum.plugin.state is 'what an operator decided; null: as the region''s file says';
            comment on column lyceum.plugin.version is 'the version that was installed; null: never';

            create table lyceum.event (
                id bigint generated always as identity primary key,
                xid xid8 not null default pg_current_xact_id(),
                topic text not null,
                major integer not null,
                key text not null,
                payload json not null,
                causation bigint,
                at timestamptz not null default clock_timestamp()
            );
            create index event_topic_index on lyceum.event (topic, major, xid);

            create table lyceum.cursor (
                listener text primary key,
                plugin text not null,
                topic text not null,
                major integer not null,
                done pg_snapshot not null,
                target pg_snapshot,
                position bigint not null default 0,
                claims integer not null default 0
            );

            create table lyceum.retry (
                listener text not null,
                event bigint not null references lyceum.event,
                key text not null,
                attempt integer not null,
                due_at timestamptz not null,
                error text,
                dead boolean not null default false,
                primary key (listener, event)
            );
            create index retry_key_index on lyceum.retry (listener, key, event);
            create index retry_due_index on lyceum.retry (due_at) where not dead;

            create function lyceum.publish(
                topics text[], majors integer[], keys text[], payloads text[], causation bigint
            ) returns void language sql security definer set search_path = pg_catalog as $body$
                insert into lyceum.event (topic, major, key, payload, causation)
                select one.topic, one.major, one.key, one.payload::json, publish.causation
                from unnest(topics, majors, keys, payloads) with ordinality as one(topic, major, key, payload, place)
                order by one.place
            $body$;
            revoke all on function lyceum.publish(text[], integer[], text[], text[], bigint) from public;
            """)
    ]

    static var migrator: Migrator { Migrator(plugin: name, schema: name, migrations) }
}

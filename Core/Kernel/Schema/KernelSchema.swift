internal import PostgreSQL

/// The kernel's own schema, `lyceum`, in the database of every region.
///
///     lyceum.plugin   what is installed, and what an operator decided about it
///     lyceum.event    the log of events, append-only, a partition for each week
///     lyceum.cursor   where each listener is, by lane
///     lyceum.retry    events that failed for a listener, and wait or are dead
///     lyceum.listener listeners whose processes died, and whether they are quarantined for it
///     lyceum.answer   answers to requests that had an Idempotency-Key
///     lyceum.intervention   what operators did about them
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

            create sequence lyceum.event_id;
            -- So that its last_value has been given out, always.
            select nextval('lyceum.event_id');
            create table lyceum.event (
                id bigint not null default nextval('lyceum.event_id'),
                xid xid8 not null,
                topic text not null,
                major integer not null,
                lane smallint not null,
                key text not null,
                payload json not null,
                causation bigint,
                trace text,
                at timestamptz not null default clock_timestamp()
            ) partition by range (at);
            create index event_topic_index on lyceum.event (topic, major, id);
            create index event_xid_index on lyceum.event (xid);
            create table lyceum.event_rest partition of lyceum.event default;

            create table lyceum.cursor (
                listener text not null,
                lane smallint not null,
                lanes smallint not null,
                plugin text not null,
                topic text not null,
                major integer not null,
                done pg_snapshot not null,
                done_xid xid8 not null,
                done_head bigint not null,
                target pg_snapshot,
                target_xid xid8,
                target_head bigint,
                position bigint not null default 0,
                since timestamptz not null default '-infinity',
                mark timestamptz not null default clock_timestamp(),
                mark_xid xid8 not null default pg_current_xact_id(),
                holder text,
                held_until timestamptz,
                batch boolean not null default false,
                primary key (listener, lane)
            );
            comment on table lyceum.cursor is 'where each lane of a listener is';
            comment on column lyceum.cursor.done is 'all that this snapshot shows has been delivered';
            comment on column lyceum.cursor.done_xid is 'a transaction id given out for the sake of done';
            comment on column lyceum.cursor.done_head is 'the last event id given out before done_xid was: later ones have more';
            comment on column lyceum.cursor.target is 'of what this shows and done does not, all ids up to position';
            comment on column lyceum.cursor.since is 'nothing older is left to deliver';
            comment on column lyceum.cursor.mark is 'becomes since, once no transaction older than mark_xid runs';
            comment on column lyceum.cursor.holder is 'the process at work, since before its work began';

            create table lyceum.retry (
                listener text not null,
                event bigint not null,
                lane smallint not null,
                key text not null,
                payload json not null,
                trace text,
                at timestamptz not null,
                attempt integer not null,
                due_at timestamptz not null,
                error text,
                dead boolean not null default false,
                primary key (listener, event)
            );
            create index retry_key_index on lyceum.retry (listener, key, event);

            create function lyceum.publish(
                topics text[], majors integer[], keys text[], lanes smallint[], payloads text[], causation bigint, trace text
            ) returns void language plpgsql security definer set search_path = pg_catalog as $body$
            declare
                -- First of all: whoever has a later transaction id then takes later event ids too.
                own constant xid8 := pg_current_xact_id();
            begin
                insert into lyceum.event (xid, topic, major, lane, key, payload, causation, trace)
                select own, one.topic, one.major, one.lane & 15, one.key, one.payload::json, publish.causation, publish.trace
                from unnest(topics, majors, keys, lanes, payloads) with ordinality
                    as one(topic, major, key, lane, payload, place)
                order by one.place;
            end $body$;
            revoke all on function lyceum.publish(text[], integer[], text[], smallint[], text[], bigint, text) from public;
            """ + EventLogSchema.text),
        jobs,
        Migration(
            3, "causes of failures",
            """
            alter table lyceum.retry add column causes json;
            alter table lyceum.job add column causes json;
            comment on column lyceum.retry.causes is 'the error of the last attempt and its causes, the outermost first';
            comment on column lyceum.job.causes is 'the error of the last attempt and its causes, the outermost first';
            """),
        quarantine,
        answers,
        Migration(
            6, "interventions",
            """
            create table lyceum.intervention (
                id bigint primary key generated always as identity,
                subject text not null,
                action text not null,
                event bigint,
                count bigint,
                detail text,
                account uuid,
                name text not null,
                means text not null,
                at timestamptz not null default clock_timestamp()
            );
            comment on table lyceum.intervention is 'what operators did to listeners and runs';
            create index intervention_subject_index on lyceum.intervention (subject, id);

            -- For lists of runs, the newest first: all of one job, and those that need somebody.
            create index job_name_index on lyceum.job (job, id);
            create index job_given_up_index on lyceum.job (id) where state in ('dead', 'cancelled');
            """),
        hosts,
        quickerPublish,
        scheduleRevisions,
        forgetting,
        retryQueue,
        upkeep,
        audit,
        erasure,
        auditForgetting,
        dropped,
        exports,
    ]

    static var migrator: Migrator { Migrator(plugin: name, schema: name, migrations) }
}

internal import PostgreSQL

/// What the log's upkeep may do besides whole partitions.
extension KernelSchema {
    static let upkeep = Migration(
        12, "upkeep of the event log",
        """
        -- Drops events of weeks that nobody prepared a partition for, once they are older than so many days and needed by
        -- nobody; at most so many, and answers how many.
        create function lyceum.drop_rest_events(days integer, most integer) returns bigint
            language plpgsql security definer set search_path = pg_catalog as $body$
        declare
            needed timestamptz;
            count bigint;
        begin
            select min(since) - interval '1 day' into needed from lyceum.cursor;
            delete from lyceum.event_rest where ctid in (
                select ctid from lyceum.event_rest
                where at < least(clock_timestamp() - days * interval '1 day', needed)
                limit most);
            get diagnostics count = row_count;
            return count;
        end $body$;
        revoke all on function lyceum.drop_rest_events(integer, integer) from public;

        -- As before, but a listener that is to be given again what it had, from a position on, is given what is beyond it.
        create or replace function lyceum.rebase() returns bigint
            language plpgsql security definer set search_path = pg_catalog as $body$
        declare
            count bigint;
        begin
            lock table lyceum.event, lyceum.cursor, lyceum.retry in access exclusive mode;
            insert into lyceum.retry (listener, event, lane, key, payload, trace, at, attempt, due_at)
            select cursor.listener, event.id, event.lane, event.key, event.payload, event.trace, event.at, 0,
                clock_timestamp()
            from lyceum.cursor join lyceum.event
                on event.topic = cursor.topic and event.major = cursor.major
                and event.lane % cursor.lanes = cursor.lane
                and event.id > case when cursor.done_xid = '0' then cursor.done_head else 0 end
                and not pg_visible_in_snapshot(event.xid, cursor.done)
                and not coalesce(
                    event.id <= cursor.position and pg_visible_in_snapshot(event.xid, cursor.target), false)
            order by event.id
            on conflict (listener, event) do nothing;
            get diagnostics count = row_count;
            -- The oldest id that a transaction may have: every snapshot to come shows it.
            update lyceum.event set xid = '3';
            update lyceum.cursor set done = pg_current_snapshot(), done_xid = pg_current_xact_id(),
                done_head = (select last_value from lyceum.event_id), target = null, target_xid = null,
                target_head = null, position = 0, mark = clock_timestamp(), mark_xid = pg_current_xact_id(),
                holder = null, held_until = null, batch = false;
            return count;
        end $body$;
        """)
}

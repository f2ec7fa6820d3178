/// What keeps the event log in shape: functions of the schema's owner, so that the role that serves need own nothing.
enum EventLogSchema {
    static let text = """

        create function lyceum.prepare_event_partitions(weeks integer) returns integer
            language plpgsql security definer set search_path = pg_catalog as $body$
        declare
            begins timestamptz;
            name text;
            made integer := 0;
        begin
            perform pg_advisory_xact_lock(hashtextextended('lyceum.event partitions', 0));
            for week in 0 .. weeks loop
                begins := date_trunc('week', clock_timestamp(), 'UTC') + week * interval '7 days';
                name := 'event_' || to_char(begins at time zone 'UTC', 'YYYYMMDD');
                continue when to_regclass('lyceum.' || name) is not null;
                execute format('create table lyceum.%I (like lyceum.event including defaults including indexes)', name);
                -- What came while nobody prepared a partition for it.
                execute format('lock table lyceum.event_rest in access exclusive mode');
                execute format(
                    'with moved as (delete from lyceum.event_rest where at >= %L and at < %L returning *)
                     insert into lyceum.%I select * from moved', begins, begins + interval '7 days', name);
                execute format('alter table lyceum.event attach partition lyceum.%I for values from (%L) to (%L)',
                    name, begins, begins + interval '7 days');
                made := made + 1;
            end loop;
            return made;
        end $body$;
        revoke all on function lyceum.prepare_event_partitions(integer) from public;

        -- Drops what is older than so many days and needed by nobody; answers the names of what was dropped.
        create function lyceum.drop_event_partitions(days integer) returns setof text
            language plpgsql security definer set search_path = pg_catalog as $body$
        declare
            one record;
            needed timestamptz;
        begin
            perform pg_advisory_xact_lock(hashtextextended('lyceum.event partitions', 0));
            select min(since) - interval '1 day' into needed from lyceum.cursor;
            for one in
                select child.relname as name, to_timestamp(substr(child.relname, 7) || ' UTC', 'YYYYMMDD') as begins
                from pg_inherits join pg_class as child on child.oid = inhrelid
                where inhparent = 'lyceum.event'::regclass and child.relname ~ '^event_[0-9]{8}$'
                order by child.relname
            loop
                exit when one.begins + interval '7 days' > clock_timestamp() - days * interval '1 day';
                exit when one.begins + interval '7 days' > needed;
                execute format('drop table lyceum.%I', one.name);
                return next one.name;
            end loop;
        end $body$;
        revoke all on function lyceum.drop_event_partitions(integer) from public;

        -- After a dump and restore transaction ids start over, and no snapshot of before means anything. What each
        -- listener had not seen is put aside for it, in its order, and its cursor begins from now.
        create function lyceum.rebase() returns bigint
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
                and not pg_visible_in_snapshot(event.xid, cursor.done)
                and not coalesce(
                    event.id <= cursor.position and pg_visible_in_snapshot(event.xid, cursor.target), false)
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
        revoke all on function lyceum.rebase() from public;

        select lyceum.prepare_event_partitions(1);
        """
}

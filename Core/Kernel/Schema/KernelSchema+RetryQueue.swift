internal import PostgreSQL

/// Which of the events that wait to be tried again is the next of its key.
///
/// `lyceum.retry.behind` is true while an earlier event of the key waits too. Triggers see to it, so that it is true whoever
/// puts aside, delivers, gives up, skips or retries; so the next event to try is found by an index, however many are dead or
/// wait behind another.
extension KernelSchema {
    static let retryQueue = Migration(
        11, "queues of events to try again",
        """
        alter table lyceum.retry add column behind boolean not null default false;
        comment on column lyceum.retry.behind is 'an earlier event of its key waits, before which it is not tried';
        update lyceum.retry set behind = true
        where not dead and exists (
            select from lyceum.retry as earlier
            where earlier.listener = retry.listener and earlier.key = retry.key and earlier.event < retry.event
                and not earlier.dead);
        drop index lyceum.retry_key_index;
        create index retry_key_index on lyceum.retry (listener, key, event) where not dead;
        create index retry_due_index on lyceum.retry (listener, due_at) where not dead and not behind;

        create function lyceum.queue_retry() returns trigger language plpgsql set search_path = pg_catalog as $body$
        begin
            new.behind := exists (
                select from lyceum.retry as earlier
                where earlier.listener = new.listener and earlier.key = new.key and earlier.event < new.event
                    and not earlier.dead);
            return new;
        end $body$;
        create trigger queue before insert on lyceum.retry for each row execute function lyceum.queue_retry();

        -- What waited behind those that are gone: its turn has come.
        create function lyceum.leave_retry() returns trigger language plpgsql set search_path = pg_catalog as $body$
        begin
            update lyceum.retry set behind = false
            from (select distinct listener, key from gone where not dead) as left_behind, lateral (
                select event from lyceum.retry as one
                where one.listener = left_behind.listener and one.key = left_behind.key and not one.dead
                order by event
                limit 1) as first
            where retry.listener = left_behind.listener and retry.event = first.event and retry.behind;
            return null;
        end $body$;
        create trigger leave after delete on lyceum.retry referencing old table as gone
            for each statement execute function lyceum.leave_retry();

        -- Some were given up, or are tried again after all.
        create function lyceum.requeue_retry() returns trigger language plpgsql set search_path = pg_catalog as $body$
        begin
            -- What it changes itself, among others.
            if not exists (select from became join was using (listener, event) where was.dead <> became.dead) then
                return null;
            end if;
            update lyceum.retry set behind = false
            from (
                select distinct became.listener, became.key from became join was using (listener, event)
                where became.dead and not was.dead) as left_behind, lateral (
                select event from lyceum.retry as one
                where one.listener = left_behind.listener and one.key = left_behind.key and not one.dead
                order by event
                limit 1) as first
            where retry.listener = left_behind.listener and retry.event = first.event and retry.behind;
            update lyceum.retry set behind = queue.place > 1
            from (
                select one.listener, one.event,
                    row_number() over (partition by one.listener, one.key order by one.event) as place
                from lyceum.retry as one join (
                    select distinct became.listener, became.key from became join was using (listener, event)
                    where was.dead and not became.dead) as back
                    on one.listener = back.listener and one.key = back.key
                where not one.dead) as queue
            where retry.listener = queue.listener and retry.event = queue.event and retry.behind <> (queue.place > 1);
            return null;
        end $body$;
        create trigger requeue after update on lyceum.retry referencing old table as was new table as became
            for each statement execute function lyceum.requeue_retry();
        """)
}

internal import PostgreSQL

/// What is old in the audit goes, from the beginning of the chain, and where the chain begins since then is noted.
extension KernelSchema {
    static let auditForgetting = Migration(
        15, "the beginning of the audit",
        """
        create table lyceum.audit_start (
            single boolean primary key default true constraint audit_start_single_check check (single),
            number bigint not null,
            head bytea not null,
            at timestamptz not null,
            days integer not null constraint audit_start_days_check check (days >= 30)
        );
        comment on table lyceum.audit_start is 'the last seal that was removed for its age: the chain begins after it';
        comment on column lyceum.audit_start.days is 'for how many days everything was kept when it was removed';

        -- Removes seals that are older than so many days, at least 30, with their entries: at most so many, and never the last
        -- one, from which the chain goes on. Answers how many entries went.
        create function lyceum.audit_forget(days integer, most integer) returns bigint
            language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
        declare
            kept constant integer := greatest(audit_forget.days, 30);
            gone record;
            count bigint;
        begin
            perform pg_advisory_xact_lock(hashtextextended('lyceum.audit_forget', 0));
            select number, head, at into gone from (
                select number, head, at from lyceum.audit_seal order by number limit most) as oldest
            where at < clock_timestamp() - make_interval(days => kept) and number < (select max(number) from lyceum.audit_seal)
            order by number desc limit 1;
            if not found then return 0; end if;
            delete from lyceum.audit_entry where id in (
                select unnest(entries) from lyceum.audit_seal where number <= gone.number);
            get diagnostics count = row_count;
            delete from lyceum.audit_seal where number <= gone.number;
            insert into lyceum.audit_start (number, head, at, days) values (gone.number, gone.head, gone.at, kept)
            on conflict (single) do update
                set number = excluded.number, head = excluded.head, at = excluded.at, days = excluded.days;
            perform lyceum.audit_write('audit.seal', 'up to ' || gone.number, 'removed', null, null, null, null, null, null);
            return count;
        end $body$;
        revoke all on function lyceum.audit_forget(integer, integer) from public;
        """)
}

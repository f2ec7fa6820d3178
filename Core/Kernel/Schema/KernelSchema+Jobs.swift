internal import PostgreSQL

/// Runs of jobs, and where each schedule is.
///
///     lyceum.job        every run that is kept; its states are drawn at `Job`
///     lyceum.schedule   up to which time each schedule's runs have been queued
///
/// Plugins see neither: they may only call `lyceum.enqueue`, which queues a run as the schema's owner.
extension KernelSchema {
    static let jobs = Migration(
        2, "jobs",
        """
        create table lyceum.job (
            id uuid primary key,
            plugin text not null,
            job text not null,
            payload json not null,
            key text,
            scheduled_at timestamptz,
            state text not null default 'queued' constraint job_state_check
                check (state in ('queued', 'running', 'failed', 'done', 'dead', 'cancelled')),
            due_at timestamptz not null,
            attempt integer not null default 0,
            fence bigint not null default 0,
            holder text,
            lease_until timestamptz,
            cancelling boolean not null default false,
            progress_done bigint,
            progress_total bigint,
            result json,
            error text,
            causation bigint,
            trace text,
            queued_at timestamptz not null default clock_timestamp(),
            started_at timestamptz,
            ended_at timestamptz
        ) with (fillfactor = 80);
        comment on column lyceum.job.job is 'the plugin''s id, a dot, the name of the job';
        comment on column lyceum.job.scheduled_at is 'the time of the schedule; null: it was queued';
        comment on column lyceum.job.fence is 'counts who had the run: each may write as long as it is theirs';
        comment on column lyceum.job.holder is 'the process that runs it, by a name by which its host knows whether it lives';
        create unique index job_key_unique on lyceum.job (job, key) where key is not null;
        create unique index job_scheduled_unique on lyceum.job (job, scheduled_at) where scheduled_at is not null;
        create index job_due_index on lyceum.job (due_at, id) where state in ('queued', 'failed');
        create index job_running_index on lyceum.job (id) where state = 'running';
        create index job_ended_index on lyceum.job (ended_at) where ended_at is not null;

        create table lyceum.schedule (
            job text primary key,
            expression text not null,
            zone text not null,
            since timestamptz not null
        );
        comment on column lyceum.schedule.since is 'every time of the schedule up to here is accounted for';

        create function lyceum.enqueue(
            id uuid, plugin text, job text, payload text, due_at timestamptz, key text, causation bigint, trace text
        ) returns uuid language plpgsql security definer set search_path = pg_catalog as $body$
        #variable_conflict use_column
        declare
            found_id uuid;
        begin
            loop
                insert into lyceum.job (id, plugin, job, payload, due_at, key, causation, trace)
                values (enqueue.id, enqueue.plugin, enqueue.plugin || '.' || enqueue.job, enqueue.payload::json,
                    coalesce(enqueue.due_at, clock_timestamp()), enqueue.key, enqueue.causation, enqueue.trace)
                on conflict (job, key) where key is not null do nothing
                returning job.id into found_id;
                exit when found;
                select one.id into found_id from lyceum.job as one
                where one.job = enqueue.plugin || '.' || enqueue.job and one.key = enqueue.key;
                exit when found;
            end loop;
            return found_id;
        end $body$;
        revoke all on function lyceum.enqueue(uuid, text, text, text, timestamptz, text, bigint, text) from public;
        """)

    static let scheduleRevisions = Migration(
        9, "decisions that schedules know of",
        """
        alter table lyceum.schedule add column revision bigint not null default 0;
        comment on column lyceum.schedule.revision is 'who noted it knew the decisions about the region up to this one';
        """)

    /// What a plugin's role needs so that it can queue jobs.
    ///
    /// - Parameter role: its name, quoted.
    static func grantQueueing(to role: String) -> String {
        """
        grant execute on function lyceum.enqueue(uuid, text, text, text, timestamptz, text, bigint, text) to \(role);
        """
    }

    /// What the login of the processes needs that run jobs.
    ///
    /// - Parameter role: its name, quoted.
    static func grantRunning(to role: String) -> String {
        grantQueueing(to: role) + "grant select, insert, update, delete on lyceum.job, lyceum.schedule to \(role);"
    }
}

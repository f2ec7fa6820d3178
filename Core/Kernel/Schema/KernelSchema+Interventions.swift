internal import PostgreSQL

/// What operators did is noted for good as far as those are concerned who serve; only what is old goes, by a function.
extension KernelSchema {
    static let forgetting = Migration(
        10, "interventions are forgotten",
        """
        -- Forgets the oldest, `most` of them at most, that are older than so many days; nothing of the last 30 in any case.
        create function lyceum.forget_interventions(days integer, most integer) returns bigint
            language plpgsql security definer set search_path = pg_catalog as $body$
        declare
            count bigint;
        begin
            delete from lyceum.intervention where id in (
                select oldest.id from (
                    select one.id, one.at from lyceum.intervention as one order by one.id limit most) as oldest
                where oldest.at < clock_timestamp() - greatest(days, 30) * interval '1 day');
            get diagnostics count = row_count;
            return count;
        end $body$;
        revoke all on function lyceum.forget_interventions(integer, integer) from public;
        """)

    /// What the login of the processes needs that do what operators want.
    ///
    /// - Parameter role: its name, quoted.
    static func grantNoting(to role: String) -> String {
        """
        grant select, insert on lyceum.intervention to \(role);
        grant execute on function lyceum.forget_interventions(integer, integer) to \(role);
        """
    }
}

internal import PostgreSQL

/// Erasing a person in the kernel's own tables.
extension KernelSchema {
    static let erasure = Migration(
        14, "erasure of people",
        """
        -- Takes a person out of what operators did, and makes unreadable what the audit says of the person: with the key of the
        -- account, and with those of rows that stand for the person themselves and were erased in this transaction.
        create function lyceum.erase_person(whom uuid, tables text[]) returns void
            language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
        declare
            one text;
        begin
            update lyceum.intervention set name = '-' where account = whom and name <> '-';
            for one in
                select distinct person from (
                    select entity, key, old_person as person from lyceum.audit_entry where xid = pg_current_xact_id()
                    union all
                    select entity, key, new_person from lyceum.audit_entry where xid = pg_current_xact_id()
                ) as said
                where entity = any (tables) and person = entity || ':' || key
            loop
                perform lyceum.audit_erase(one);
            end loop;
            perform lyceum.audit_erase(whom::text);
        end $body$;
        revoke all on function lyceum.erase_person(uuid, text[]) from public;
        """)

    /// What the login of the processes needs that export and erase people.
    ///
    /// - Parameter role: its name, quoted.
    static func grantErasing(to role: String) -> String {
        "grant execute on function lyceum.erase_person(uuid, text[]), lyceum.audit_exported(uuid) to \(role);"
    }
}

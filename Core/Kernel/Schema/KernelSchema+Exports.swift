internal import PostgreSQL

/// That somebody took away what is held of a person is noted in the audit.
extension KernelSchema {
    static let exports = Migration(
        17, "exports of people are noted",
        """
        -- What is there fits, because it fitted less: nothing has to be read again.
        alter table lyceum.audit_entry drop constraint audit_entry_action_check,
            add constraint audit_entry_action_check
                check (action in ('created', 'changed', 'removed', 'emptied', 'erased', 'exported')) not valid;

        create function lyceum.audit_exported(whom uuid) returns void
            language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
        begin
            perform lyceum.audit_write('audit.person', whom::text, 'exported', null, null, null, null, null, null);
        end $body$;
        revoke all on function lyceum.audit_exported(uuid) from public;
        """)
}

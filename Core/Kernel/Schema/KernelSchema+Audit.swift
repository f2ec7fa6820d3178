internal import PostgreSQL

/// The audit: who changed what, in a chain in which nothing can be altered without being found.
///
///     lyceum.audit_entry      a row for each change of an audited row, written by triggers
///     lyceum.audit_key        a key for each person, by which what entries say of the person is encrypted; null: erased
///     lyceum.audit_seal       the chain: hashes of entries, each seal with the hash of the one before it
///     lyceum.audit_position   up to where entries are sealed
///
/// Plugins see none of it but the one that shows it. The functions belong to whoever installs, run with that role's rights, and
/// find names in no schema that another role could write into. Decision 8 says what this guards against, and what not.
extension KernelSchema {
    static let audit = Migration(
        13, "audit",
        """
        create sequence lyceum.audit_id;
        -- So that its last_value has been given out, always.
        select nextval('lyceum.audit_id');
        create table lyceum.audit_entry (
            id bigint primary key default nextval('lyceum.audit_id'),
            xid xid8 not null default pg_current_xact_id(),
            at timestamptz not null default clock_timestamp(),
            entity text not null,
            key text not null,
            action text not null constraint audit_entry_action_check
                check (action in ('created', 'changed', 'removed', 'emptied', 'erased')),
            old json,
            new json,
            old_person text,
            old_sealed bytea,
            new_person text,
            new_sealed bytea,
            means text not null,
            plugin text,
            account uuid,
            login text,
            work text,
            event bigint,
            request text,
            trace text,
            author_person text,
            author_sealed bytea
        );
        create index audit_entry_entity_index on lyceum.audit_entry (entity, key, id);
        create index audit_entry_account_index on lyceum.audit_entry (account, id) where account is not null;
        create index audit_entry_xid_index on lyceum.audit_entry (xid);
        create index audit_entry_at_index on lyceum.audit_entry using brin (at);
        comment on column lyceum.audit_entry.entity is 'the plugin''s schema, a dot, the table';
        comment on column lyceum.audit_entry.old is 'the columns that changed, before; personal and secret ones without value';
        comment on column lyceum.audit_entry.old_sealed is 'the personal ones as JSON, encrypted with the key of old_person';
        comment on column lyceum.audit_entry.login is 'who acted by a command or a session of the database''s own';
        comment on column lyceum.audit_entry.author_sealed is 'name, address and program of who acted, encrypted';

        create table lyceum.audit_key (
            person text primary key,
            key bytea,
            made_at timestamptz not null default clock_timestamp(),
            erased_at timestamptz
        );

        create table lyceum.audit_seal (
            number bigint primary key,
            at timestamptz not null,
            entries bigint[] not null,
            hashes bytea not null,
            previous bytea not null,
            head bytea not null
        );
        comment on column lyceum.audit_seal.hashes is 'SHA-256 of each entry, in the order of entries';
        comment on column lyceum.audit_seal.head is 'SHA-256 of all the rest of the seal';

        create table lyceum.audit_position (
            single boolean primary key default true constraint audit_position_single_check check (single),
            done pg_snapshot not null default pg_current_snapshot(),
            done_xid xid8 not null default pg_current_xact_id(),
            done_head bigint not null default 1,
            target pg_snapshot,
            target_xid xid8,
            target_head bigint,
            position bigint not null default 0
        );
        comment on column lyceum.audit_position.done is 'all that this snapshot shows is sealed; the rest as in lyceum.cursor';
        insert into lyceum.audit_position default values;

        -- Encrypts what an entry says of a person; null once the person is erased. The function that encrypts is made when a
        -- region begins to keep an audit, because it is an extension's.
        create function lyceum.audit_sealed(whom text, said text) returns bytea
            language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
        declare
            found_key bytea;
            iv constant bytea := uuid_send(gen_random_uuid());
        begin
            select key into found_key from lyceum.audit_key where person = whom;
            if not found then
                insert into lyceum.audit_key (person, key)
                values (whom, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
                    || uuid_send(gen_random_uuid())))
                on conflict (person) do nothing;
                select key into found_key from lyceum.audit_key where person = whom;
                if not found then
                    raise exception 'the key of a person was made by another transaction' using errcode = '40001';
                end if;
            end if;
            if found_key is null then return null; end if;
            return iv || lyceum.audit_encrypt(convert_to(said, 'UTF8'), found_key, iv);
        end $body$;
        revoke all on function lyceum.audit_sealed(text, text) from public;

        -- What was encrypted; null where the person was erased.
        create function lyceum.audit_open(whom text, sealed bytea) returns text
            language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $body$
        declare
            found_key bytea;
        begin
            select key into found_key from lyceum.audit_key where person = whom;
            if found_key is null or sealed is null then return null; end if;
            return convert_from(
                lyceum.audit_decrypt(substr(sealed, 17), found_key, substr(sealed, 1, 16)), 'UTF8');
        exception when others then
            -- Something else than what was encrypted: verifying says so.
            return null;
        end $body$;
        revoke all on function lyceum.audit_open(text, bytea) from public;

        -- Records a change, with who is behind the transaction.
        create function lyceum.audit_write(
            what text, which text, how text, old jsonb, new jsonb, old_person text, old_sealed bytea, new_person text,
            new_sealed bytea
        ) returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
        declare
            actor constant json := nullif(current_setting('lyceum.actor', true), '')::json;
            whom text;
            said bytea;
        begin
            if actor is null then
                insert into lyceum.audit_entry (entity, key, action, old, new, old_person, old_sealed, new_person,
                    new_sealed, means, login)
                values (what, which, how, old, new, old_person, old_sealed, new_person, new_sealed, 'direct',
                    session_user || case current_setting('role') when 'none' then '' else ' as ' || current_setting('role') end);
                return;
            end if;
            if actor ->> 'name' is not null or actor ->> 'address' is not null or actor ->> 'agent' is not null then
                whom := coalesce(actor ->> 'account', 'visitors:' || to_char(clock_timestamp(), 'YYYY-MM'));
                -- Once for each transaction, however many rows it changes.
                if coalesce(current_setting('lyceum.actor_sealed', true), '') = '' then
                    said := lyceum.audit_sealed(whom, json_strip_nulls(json_build_object('name', actor -> 'name',
                        'address', actor -> 'address', 'agent', actor -> 'agent'))::text);
                    perform set_config('lyceum.actor_sealed', coalesce(encode(said, 'hex'), ''), true);
                else
                    said := decode(current_setting('lyceum.actor_sealed'), 'hex');
                end if;
            end if;
            insert into lyceum.audit_entry (entity, key, action, old, new, old_person, old_sealed, new_person,
                new_sealed, means, plugin, account, login, work, event, request, trace, author_person, author_sealed)
            values (what, which, how, old, new, old_person, old_sealed, new_person, new_sealed,
                coalesce(actor ->> 'means', 'direct'), actor ->> 'plugin', (actor ->> 'account')::uuid,
                actor ->> 'login', actor ->> 'work', (actor ->> 'event')::bigint, actor ->> 'request',
                actor ->> 'trace', whom, said);
        end $body$;
        revoke all on function lyceum.audit_write(text, text, text, jsonb, jsonb, text, bytea, text, bytea) from public;

        -- Arguments: entity; columns of the primary key; secret, personal and ignored columns; the column that says whose.
        create function lyceum.audit_row() returns trigger
            language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
        declare
            keys constant text[] := tg_argv[1];
            secrets constant text[] := tg_argv[2];
            personals constant text[] := tg_argv[3];
            whole jsonb;
            before jsonb;
            after jsonb;
            which text;
            part jsonb;
            old_person text;
            old_sealed bytea;
            new_person text;
            new_sealed bytea;
        begin
            if tg_op = 'TRUNCATE' then
                perform lyceum.audit_write(tg_argv[0], '*', 'emptied', null, null, null, null, null, null);
                return null;
            end if;
            if tg_op <> 'INSERT' then before := to_jsonb(old); end if;
            if tg_op <> 'DELETE' then after := to_jsonb(new); end if;
            whole := coalesce(before, after);
            if cardinality(keys) = 1 then
                which := whole ->> keys[1];
                if keys && secrets then which := encode(sha256(convert_to(which, 'UTF8')), 'hex'); end if;
            else
                select string_agg(coalesce(whole ->> one.name, ''), ',' order by one.place) into which
                from unnest(keys) with ordinality as one(name, place);
            end if;
            if cardinality(personals) > 0 then
                old_person := coalesce(before ->> tg_argv[5], tg_argv[0] || ':' || which);
                new_person := coalesce(after ->> tg_argv[5], tg_argv[0] || ':' || which);
            end if;
            if tg_argv[4] <> '{}' then
                before := before - tg_argv[4]::text[];
                after := after - tg_argv[4]::text[];
            end if;
            if tg_op = 'UPDATE' then
                select jsonb_object_agg(one.key, one.value), jsonb_object_agg(one.key, after -> one.key)
                into before, after
                from jsonb_each(before) as one where one.value is distinct from after -> one.key;
                if before is null then return null; end if;
            end if;
            if cardinality(secrets) > 0 then
                before := lyceum.audit_marked(before, secrets, 'secret');
                after := lyceum.audit_marked(after, secrets, 'secret');
            end if;
            if cardinality(personals) > 0 then
                part := lyceum.audit_part(before, personals);
                if part is not null then old_sealed := lyceum.audit_sealed(old_person, part::text); end if;
                before := lyceum.audit_marked(before, personals, 'personal');
                part := lyceum.audit_part(after, personals);
                if part is not null then new_sealed := lyceum.audit_sealed(new_person, part::text); end if;
                after := lyceum.audit_marked(after, personals, 'personal');
            end if;
            perform lyceum.audit_write(tg_argv[0], which,
                case tg_op when 'INSERT' then 'created' when 'UPDATE' then 'changed' else 'removed' end,
                before, after, case when before is not null then old_person end, old_sealed,
                case when after is not null then new_person end, new_sealed);
            return null;
        end $body$;
        revoke all on function lyceum.audit_row() from public;

        -- The same values, with a mark in place of those that may not be read here.
        create function lyceum.audit_marked(given jsonb, names text[], mark text) returns jsonb
            language sql immutable set search_path = pg_catalog, pg_temp
            return coalesce(given || (
                select jsonb_object_agg(one.name, jsonb_build_object('$', mark))
                from unnest(names) as one(name) where given -> one.name <> 'null'::jsonb), given);
        revoke all on function lyceum.audit_marked(jsonb, text[], text) from public;

        create function lyceum.audit_part(given jsonb, names text[]) returns jsonb
            language sql immutable set search_path = pg_catalog, pg_temp
            return (select jsonb_object_agg(one.name, given -> one.name)
                from unnest(names) as one(name) where given -> one.name <> 'null'::jsonb);
        revoke all on function lyceum.audit_part(jsonb, text[]) from public;

        -- Destroys the key of a person, for good; false where there is none. What is recorded of the person later has no values.
        create function lyceum.audit_erase(whom text) returns boolean
            language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
        begin
            update lyceum.audit_key set key = null, erased_at = clock_timestamp()
            where person = whom and key is not null;
            if not found then return false; end if;
            perform lyceum.audit_write('audit.person', whom, 'erased', null, null, null, null, null, null);
            return true;
        end $body$;
        revoke all on function lyceum.audit_erase(text) from public;

        -- What an entry says, personal values included where they can still be read.
        create function lyceum.audit_shown(plain json, whom text, sealed bytea) returns jsonb
            language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $body$
        declare
            opened constant text := lyceum.audit_open(whom, sealed);
        begin
            if opened is not null then return plain::jsonb || opened::jsonb; end if;
            -- Inside a text a quote has a backslash before it, so this is the mark and nothing else.
            return replace(plain::jsonb::text, '{"$": "personal"}', '{"$": "erased"}')::jsonb;
        end $body$;
        revoke all on function lyceum.audit_shown(json, text, bytea) from public;

        -- An entry as a line of an export.
        create function lyceum.audit_line(one lyceum.audit_entry) returns text
            language sql stable security definer set search_path = pg_catalog, pg_temp
            return json_build_object('id', one.id, 'at', one.at, 'entity', one.entity, 'key', one.key,
                'action', one.action, 'old', lyceum.audit_shown(one.old, one.old_person, one.old_sealed),
                'new', lyceum.audit_shown(one.new, one.new_person, one.new_sealed), 'means', one.means,
                'plugin', one.plugin, 'account', one.account, 'login', one.login, 'work', one.work, 'event', one.event,
                'request', one.request, 'trace', one.trace,
                'author', lyceum.audit_open(one.author_person, one.author_sealed)::json)::text;
        revoke all on function lyceum.audit_line(lyceum.audit_entry) from public;

        -- After a dump and restore transaction ids start over: what was not sealed is given the id of this transaction.
        create function lyceum.audit_rebase() returns void
            language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
        begin
            lock table lyceum.audit_entry, lyceum.audit_position in access exclusive mode;
            update lyceum.audit_entry set xid = pg_current_xact_id();
            update lyceum.audit_entry set xid = '3'
            from (select unnest(entries) as id from lyceum.audit_seal) as sealed where audit_entry.id = sealed.id;
            -- A snapshot of now may show this transaction itself, where others have ended since it began: it leaves out its own.
            update lyceum.audit_position set done = '4:4:', done_head = 0, done_xid = '3',
                target = null, target_xid = null, target_head = null, position = 0;
        end $body$;
        revoke all on function lyceum.audit_rebase() from public;

        -- For how many seconds the oldest entry that is not sealed has been waiting; null where none is.
        create function lyceum.audit_unsealed_age() returns double precision
            language plpgsql stable security definer
            set search_path = pg_catalog, pg_temp set enable_seqscan = off as $body$
        declare
            own lyceum.audit_position;
            oldest timestamptz;
        begin
            select * into own from lyceum.audit_position;
            select min(entry.at) into oldest from (
                (select id, xid, at from lyceum.audit_entry where id > greatest(own.done_head, own.position)
                    and (xid > own.done_xid) is true order by id limit 1)
                union all
                (select id, xid, at from lyceum.audit_entry
                where xid = any (array(select pg_snapshot_xip(own.done))) offset 0)
                union all
                (select id, xid, at from lyceum.audit_entry
                where xid >= pg_snapshot_xmax(own.done) and xid < own.done_xid offset 0)
                union all
                (select id, xid, at from lyceum.audit_entry
                where xid = any (array(select pg_snapshot_xip(own.target))) offset 0)
            ) as entry
            where not pg_visible_in_snapshot(entry.xid, own.done)
                and not coalesce(entry.id <= own.position and pg_visible_in_snapshot(entry.xid, own.target), false);
            return date_part('epoch', clock_timestamp() - oldest);
        end $body$;
        revoke all on function lyceum.audit_unsealed_age() from public;
        """)

    /// What the login of the processes needs that seal.
    ///
    /// - Parameter role: its name, quoted.
    static func grantSealing(to role: String) -> String {
        """
        grant select on lyceum.audit_entry, lyceum.audit_seal, lyceum.audit_position, lyceum.audit_id to \(role);
        grant insert on lyceum.audit_seal to \(role);
        grant update on lyceum.audit_position to \(role);
        """
    }

    /// What the role of the plugin needs that shows the audit.
    ///
    /// - Parameter role: its name, quoted.
    static func grantAuditing(to role: String) -> String {
        """
        grant usage on schema lyceum to \(role);
        grant select on lyceum.audit_entry, lyceum.audit_seal to \(role);
        grant execute on function lyceum.audit_open(text, bytea),
            lyceum.audit_shown(json, text, bytea), lyceum.audit_line(lyceum.audit_entry), lyceum.audit_erase(text),
            lyceum.audit_forget(integer, integer), lyceum.audit_unsealed_age() to \(role);
        """
    }
}

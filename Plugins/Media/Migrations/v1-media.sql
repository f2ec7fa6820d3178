-- A file while it comes: received <= length. Its bytes are with the storage; what lies there beyond `received` does not count.
create table media.upload (
    id uuid primary key,
    person_id uuid not null,
    kind text not null,
    types text[] not null,
    name text not null,
    meta jsonb not null default '{}',
    length bigint not null constraint upload_length check (length >= 0),
    received bigint not null default 0 constraint upload_received check (received between 0 and length),
    -- What the digest of the bytes received can go on from.
    digest bytea not null,
    created_at timestamptz not null,
    touched_at timestamptz not null,
    expires_at timestamptz not null
);

create index upload_expiry on media.upload (expires_at);
create index upload_person on media.upload (person_id);
create index upload_complete on media.upload (touched_at) where received = length;

create table media.file (
    id uuid primary key,
    person_id uuid not null,
    kind text not null,
    owner_id uuid,
    name text not null,
    type text not null,
    size bigint not null constraint file_size check (size >= 0),
    meta jsonb not null default '{}',
    sha256 bytea not null,
    disk text not null,
    path text not null,
    pictures text not null constraint file_pictures check (pictures in ('none', 'waiting', 'made', 'refused')),
    stored_at timestamptz not null,
    -- Since when it belongs to nothing.
    loose_at timestamptz,
    constraint file_loose check ((owner_id is null) = (loose_at is not null))
);

create index file_person on media.file (person_id, stored_at desc, id desc);
create index file_owner on media.file (kind, owner_id, stored_at, id) where owner_id is not null;
create index file_loose_since on media.file (loose_at) where loose_at is not null;

create table media.picture (
    file_id uuid not null references media.file on delete cascade,
    width integer not null,
    height integer not null,
    size bigint not null,
    primary key (file_id, width)
);

-- What each person uses of the quota: files, and uploads by their announced length. The triggers keep it equal to their sum.
create table media.usage (
    person_id uuid primary key,
    bytes bigint not null constraint usage_bytes check (bytes >= 0),
    files bigint not null constraint usage_files check (files >= 0)
);

create function media.count_usage() returns trigger language plpgsql as $$
declare
    was bigint := 0;
    is_now bigint := 0;
    who uuid;
begin
    if tg_op <> 'INSERT' then
        was := case tg_table_name when 'file' then (to_jsonb(old)->>'size')::bigint else (to_jsonb(old)->>'length')::bigint end;
        who := old.person_id;
    end if;
    if tg_op <> 'DELETE' then
        is_now := case tg_table_name when 'file' then (to_jsonb(new)->>'size')::bigint else (to_jsonb(new)->>'length')::bigint end;
        who := new.person_id;
    end if;
    insert into media.usage as total (person_id, bytes, files)
    values (who, is_now, case tg_op when 'INSERT' then 1 else 0 end)
    on conflict (person_id) do update set bytes = total.bytes + is_now - was,
        files = total.files + case tg_op when 'INSERT' then 1 when 'DELETE' then -1 else 0 end;
    return null;
end
$$;

create trigger usage_of_uploads after insert or delete on media.upload for each row execute function media.count_usage();
create trigger usage_of_files after insert or delete on media.file for each row execute function media.count_usage();

-- The key of signed links and of tickets for uploads. Whoever changes it makes all of them worthless.
create table media.secret (
    is_single boolean primary key default true constraint secret_single check (is_single),
    key text not null
);

insert into media.secret (key) values (gen_random_uuid()::text || gen_random_uuid()::text);

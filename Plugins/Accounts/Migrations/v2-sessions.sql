-- Earlier code goes on making sessions while this is rolled out, so everything has a default.
alter table accounts.session
    add column id uuid not null default gen_random_uuid(),
    add column last_seen_at timestamptz not null default now(),
    add column idle_seconds bigint,
    add column name text,
    add column scopes text[],
    add column agent text,
    add column address text;
comment on column accounts.session.idle_seconds is 'how long it lasts without being used; null: only expires_at counts';
comment on column accounts.session.name is 'of an access key, what its owner calls it; null: a session';
comment on column accounts.session.scopes is 'what an access key may do beyond reading; null: all that its owner may';
create unique index session_id on accounts.session (id);

alter table accounts.role_grant add column granted_by uuid references accounts.account;
comment on column accounts.role_grant.granted_by is 'who gave it; null: it came with the account, or from the command line';

-- A link by which somebody makes an account with roles, once. Only a hash of what is in the link is kept.
create table accounts.invitation (
    token_hash bytea primary key,
    email text not null,
    roles text[] not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);
create index invitation_expiry on accounts.invitation (expires_at);

create table accounts.account (
    id uuid primary key,
    email text not null,
    name text not null,
    password_hash text not null,
    created_at timestamptz not null,
    deleted_at timestamptz
);

-- An erased account's address is free again.
create unique index account_email_unique on accounts.account (lower(email)) where deleted_at is null;

create table accounts.role_grant (
    account_id uuid not null references accounts.account,
    role text not null,
    granted_at timestamptz not null,
    primary key (account_id, role)
);

-- Only a hash of the token is kept: who reads this table cannot sign in with it.
create table accounts.session (
    token_hash bytea primary key,
    account_id uuid not null references accounts.account,
    kind text not null constraint session_kind check (kind in ('page', 'api')),
    created_at timestamptz not null,
    expires_at timestamptz not null
);

create index session_account on accounts.session (account_id);
create index session_expiry on accounts.session (expires_at);

create table noticeboard.notice (
    id uuid primary key,
    words text not null,
    posted_at timestamptz not null
);

-- The order of the board.
create index notice_latest on noticeboard.notice (posted_at desc, id desc);

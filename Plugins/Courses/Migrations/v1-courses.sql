create table courses.category (
    id uuid primary key,
    name text not null,
    slug text not null constraint category_slug_unique unique,
    parent_id uuid references courses.category,
    position integer not null default 0
);

create table courses.course (
    id uuid primary key,
    title text not null,
    slug text not null constraint course_slug_unique unique,
    summary text,
    description text,
    category_id uuid references courses.category,
    level text not null constraint course_level check (level in ('beginner', 'intermediate', 'advanced')),
    status text not null constraint course_status check (status in ('draft', 'published')),
    price_minor bigint not null constraint course_price check (price_minor >= 0),
    currency text not null,
    author_id uuid not null,
    created_at timestamptz not null,
    published_at timestamptz,
    constraint course_published check ((status = 'published') = (published_at is not null))
);

-- The order of the catalogue; a draft is not in it.
create index course_catalogue on courses.course (published_at desc, id desc) where status = 'published';
create index course_author on courses.course (author_id, created_at desc);

create table courses.enrollment (
    id uuid primary key,
    course_id uuid not null references courses.course,
    learner_id uuid not null,
    status text not null constraint enrollment_status check (status in ('active')),
    enrolled_at timestamptz not null,
    constraint enrollment_course_learner_unique unique (course_id, learner_id)
);

create index enrollment_learner on courses.enrollment (learner_id, enrolled_at desc, id desc);

-- Written only by the listener on courses.enrollment.created, once for each event.
create table courses.learner_count (
    course_id uuid primary key references courses.course,
    learners bigint not null
);

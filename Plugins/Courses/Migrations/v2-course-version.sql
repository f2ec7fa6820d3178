-- Counts what people change of a course, so that nobody writes over what they have not seen.
alter table courses.course add column version bigint not null default 1;

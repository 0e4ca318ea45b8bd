create table t (title text, body text, search tsvector generated always as (
    setweight(to_tsvector('english', coalesce(title, '')), 'A') || to_tsvector('english', coalesce(body, ''))) stored);
create index on t using gin (search);

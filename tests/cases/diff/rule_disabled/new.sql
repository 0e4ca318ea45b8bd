create table t (a int);
create rule r as on delete to t do instead nothing;
alter table t disable rule r;

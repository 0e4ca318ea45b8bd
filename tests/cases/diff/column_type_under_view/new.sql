create table t (id int, a text);
create view v as select id, a from t where a <> '';
grant select on v to gm_reader;
comment on view v is 'of t';

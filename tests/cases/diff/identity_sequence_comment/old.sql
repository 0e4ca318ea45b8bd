create table t (id bigint generated always as identity);
comment on sequence t_id_seq is 'old';

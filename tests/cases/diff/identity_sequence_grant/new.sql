create table t (id bigint generated always as identity);
grant usage on sequence t_id_seq to gm_reader;

create table inv(id bigint generated always as identity primary key, t text);
grant usage on sequence inv_id_seq to gm_writer; grant insert on inv to gm_writer;
comment on sequence inv_id_seq is 'numbers';

create table t (a int);
create policy p on t to gm_reader, gm_writer using (true);

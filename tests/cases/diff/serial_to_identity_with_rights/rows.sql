insert into inv(t) select 'x' from generate_series(1,10); delete from inv where id > 5;

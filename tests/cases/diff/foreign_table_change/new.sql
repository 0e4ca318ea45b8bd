create foreign data wrapper w options (debug 'true');
create server s type 'x' version '1' foreign data wrapper w options (host 'h', "odd name" 'v=1');
create foreign table ft (a bigint, b text default 'x', check (a > 0)) server s options (x 'y');
grant select on ft to gm_reader;

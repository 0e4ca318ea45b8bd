create function icmp(int, int) returns int language sql immutable as $$select $1 - $2$$;
create operator family fam using btree;
create operator class rev for type int using btree family fam as operator 1 >, operator 2 >=, operator 3 =, operator 4 <=, operator 5 <, function 1 icmp(int, int);
create table t (a int);
create index i on t (a rev);

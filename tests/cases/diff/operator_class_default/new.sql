create type pair as (a int, b int);
create operator class c for type int using hash as operator 1 =, function 1 hashint4(int), function 2 hashint4extended(int, bigint);
comment on operator class c using hash is 'c';

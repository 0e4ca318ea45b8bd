create type pair as (a int, b int);
create operator class c for type int using hash as operator 1 =, function 1 hashint4(int);

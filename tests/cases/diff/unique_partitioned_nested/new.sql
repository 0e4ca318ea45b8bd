create table p (a int not null, b int not null, c int, constraint pu unique (a, b), constraint p_pkey primary key (a, b)) partition by range (a);
create table p1 partition of p for values from (0) to (10);
create table p2 partition of p for values from (10) to (20) partition by range (b);
create table p21 partition of p2 for values from (0) to (10);
create index pc on p (c) where c > 0;

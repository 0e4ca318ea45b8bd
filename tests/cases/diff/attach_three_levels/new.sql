create table p(id bigint, k int, r text, note text not null default 'x', primary key(id,k,r)) partition by range(k);
create table p1 partition of p for values from (0) to (20) partition by list(r);
create table p1a partition of p1 for values in ('a','b');
create table s partition of p1 for values in ('c');

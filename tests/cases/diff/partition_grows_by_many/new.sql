create table p(id bigint not null, r text not null, v int not null default 0, w text) partition by list (r);
create table p_a partition of p for values in ('a', 'aa'); create table p_b partition of p for values in ('b') partition by hash (id);
create table p_b0 partition of p_b for values with (modulus 4, remainder 0); create table p_b1 partition of p_b for values with (modulus 2, remainder 1); create table p_b2 partition of p_b for values with (modulus 4, remainder 2);
create table ref(id bigint, r text); alter table p add primary key (id, r); alter table ref add foreign key (id, r) references p on delete cascade;
create table c_new partition of p for values in ('c'); create index pv on p(v);
create publication pp for table p, ref;
alter table p_a replica identity full; grant select on p_a, c_new to gm_reader; comment on table p_b0 is 'nil';

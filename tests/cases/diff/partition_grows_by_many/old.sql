create table p(id int not null, r text not null, v int) partition by list (r);
create table p_a partition of p for values in ('a'); create table p_b partition of p for values in ('b') partition by hash (id);
create table p_b0 partition of p_b for values with (modulus 2, remainder 0); create table p_b1 partition of p_b for values with (modulus 2, remainder 1);
create table ref(id int, r text); alter table p add primary key (id, r); alter table ref add foreign key (id, r) references p;
create table c_new(id int not null, r text not null, v int);
create publication pp for table p with (publish_via_partition_root);
alter table p_a replica identity full; grant select on p_a to gm_reader; comment on table p_b0 is 'zero';

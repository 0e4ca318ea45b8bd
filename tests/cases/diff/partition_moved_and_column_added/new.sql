create table p(id int, k int, c text) partition by range(k);
create table q(id int, k int, c text, d date) partition by range(k);
create index q_d on q(d);
create index p_c on p(c);
create table s partition of q for values from (0) to (10);

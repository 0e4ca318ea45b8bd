create table p(id int, k int, c text, constraint p_id_pos check (id>0)) partition by range(k);
create index p_c on p(c);
create table s partition of p for values from (0) to (10);

create table o(id int primary key);
create table p(id int references o, k int) partition by range(k);
create table s(id int, k int, constraint p_id_fkey foreign key (id) references o);

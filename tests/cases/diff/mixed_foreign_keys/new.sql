create table a(id bigint primary key, b_id bigint);
create table b(id bigint primary key, a_id bigint references a deferrable initially deferred);
alter table a add foreign key (b_id) references b on delete set null;
create table c(a_id bigint references a on update cascade, b_id bigint references b, id serial, primary key(a_id,b_id), unique(id));
create table d(c_id int references c(id));

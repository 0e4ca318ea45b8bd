create table u(id int primary key);
create table p(id int primary key, u int references u, t text);
create view pv as select p.id,u from p; create index p_u on p(u);

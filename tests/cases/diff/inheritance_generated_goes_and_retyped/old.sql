create table p(id int not null) ;
create table p1(g int generated always as (id+1) stored) inherits(p);

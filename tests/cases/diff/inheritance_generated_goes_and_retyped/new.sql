create table p(id bigint not null) ;
create table p1() inherits(p);


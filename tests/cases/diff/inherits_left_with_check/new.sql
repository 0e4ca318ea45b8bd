create table p(id int, constraint pk check (id > 0)); create table c(id int, x int);

create table p (a int, g int generated always as (a + 1) stored);
create table c (b int) inherits (p);

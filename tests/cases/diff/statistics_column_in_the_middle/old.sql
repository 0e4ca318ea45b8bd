create table o (a int, c int, "Z" int, e int);
create statistics s on e, a, (a + c) from o;

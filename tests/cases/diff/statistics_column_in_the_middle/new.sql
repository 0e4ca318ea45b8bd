create table o (a int, "Z" int, b int, c int, e int);
create statistics s on e, a, (a + c) from o;
create statistics s2 (ndistinct) on "Z", c, b from o;

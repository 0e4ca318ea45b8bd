create table o (b int, a int, "Z" int, c int);
create publication p for table o (b, c, "Z");

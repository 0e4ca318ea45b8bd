create table o (a int, c int, "Z" int);
create publication p for table o ("Z", c);

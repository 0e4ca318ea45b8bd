create table s(id int, k int, constraint pc check (id>0));

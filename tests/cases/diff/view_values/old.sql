create view v as select * from (values (1, 'a'), (2, 'b')) as x (n, t);

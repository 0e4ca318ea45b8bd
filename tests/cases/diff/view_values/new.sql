create view v as select * from (values (1, 'a'), (3, 'c')) as x (n, t);

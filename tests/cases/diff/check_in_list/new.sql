create table t (status varchar(10) check (status in ('a','b')), other text check (other in ('x', 'y')));

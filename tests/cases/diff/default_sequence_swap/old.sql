create sequence s1;
create sequence s2;
create table t (a bigint default nextval('s1'));

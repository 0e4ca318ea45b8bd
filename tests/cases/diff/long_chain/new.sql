create table t (a int);
create view v1 as select a from t;
create view a0 as select a from v1;
create view z0 as select a from a0;
create view b0 as select a from z0;

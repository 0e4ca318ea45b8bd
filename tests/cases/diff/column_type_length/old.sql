create table t (a varchar(20), b numeric(10,2), c bit(3), d timestamp(3), e char(5));

create table t (a varchar(30), b numeric(12,2), c bit(4), d timestamp(6), e char(6));

create sequence s;
create sequence s2 as smallint increment -2 minvalue -100 maxvalue -1 start -1 cache 5 cycle;

create sequence s increment -1 minvalue -100 maxvalue 100 start 50 cache 20 cycle;

insert into inv(t) values ('next') returning id;

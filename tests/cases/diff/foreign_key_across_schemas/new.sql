create schema app;
create table app.users (id int primary key);
create table posts (author int references app.users);

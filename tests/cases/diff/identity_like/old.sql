create table p (id int generated always as identity);

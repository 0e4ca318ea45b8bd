create table p(id int not null, at date not null) partition by range(at);
create table p1 partition of p for values from ('2024-01-01') to ('2024-07-01');
create function g() returns trigger language plpgsql as $$begin return new; end$$;
create trigger t1 after insert on p for each row execute function g();
alter table p1 disable trigger t1;
alter table p enable row level security;
create policy x on p using(id>0);

create table p(id bigint not null, at date not null) partition by range(at);
create table p1 partition of p for values from ('2024-01-01') to ('2024-07-01');
create table p2 partition of p for values from ('2024-07-01') to ('2025-01-01');
create function g() returns trigger language plpgsql as $$begin return new; end$$;
create trigger t1 after insert or update on p for each row when (new.id>0) execute function g();
alter table p1 enable replica trigger t1;
alter table p2 disable trigger t1;
alter table p enable row level security; alter table p1 enable row level security;
create policy x on p using(id>1); create policy x on p1 using (id>2);


create table u(id int not null, t text); alter table u enable row level security, force row level security; create policy p on u using (false); insert into u values (41,'a');
create table w(id int not null default 3, t text); alter table w enable row level security; insert into w values (7,'a');
create table s(id serial, t text); alter table s enable row level security, force row level security;

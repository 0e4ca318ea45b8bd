-- The twin of each bad object, as it is meant.
create table policies (id int primary key, owner_id uuid, other_id uuid, team_id int, password text);
create index on policies (owner_id);
create index on policies (other_id);
create index on policies (team_id);
alter table policies enable row level security;
grant select, insert, update (password), delete on policies to authenticated;
create policy seen on policies for select to authenticated using (
    owner_id = (select auth.uid()) or other_id = (select auth.uid())
    or team_id = any (array(
        select members.team_id from members where members.user_id = (select auth.uid())))
    or exists (
        select from members
         where members.user_id = (select auth.uid()) and members.team_id = policies.team_id)
    or (select auth.jwt() -> 'app_metadata' ->> 'role') = 'admin');
create policy made on policies for insert to authenticated
    with check (owner_id = (select auth.uid()));
create policy changed on policies for update to authenticated
    using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
create policy gone on policies for delete to authenticated using (owner_id = (select auth.uid()));
create policy living on policies as restrictive for select to authenticated using (id > 0);

create table closed (id int);
alter table closed enable row level security, force row level security;
create table unreached (id int, password text);
grant select, truncate on unreached to service_role;

create table parent (id int, primary key (id)) partition by list (id);
alter table parent enable row level security;
create policy every on parent for select to authenticated using (true);
grant select on parent to authenticated;
create table part partition of parent for values in (1);

create view seen with (security_invoker) as select * from policies;
grant select on seen to authenticated;
create view people as select id from auth.users;
create materialized view materialized as select 1 as one;
create foreign table foreign_table (id int) server elsewhere;

create function plain() returns int language sql set search_path = '' as 'select 1';
create function definer_function() returns int language sql security definer
    set search_path = '' as 'select 1';
revoke execute on function definer_function() from public, anon, authenticated;
create function definer_trigger() returns trigger language plpgsql security definer
    set search_path = '' as 'begin return new; end';

create table foreign_key (id int, user_id uuid references auth.users);
alter table foreign_key enable row level security;
create index foreign_key_a on foreign_key (user_id, id);
create index foreign_key_b on foreign_key (id) where id > 0;
create index foreign_key_c on foreign_key (id);

-- One object for each rule, named after it as far as there is room.
create table a_policy_exists_rls_disabled (id int primary key);
create policy own on a_policy_exists_rls_disabled using (id = 1);

create table rls_enabled_no_policy (id int);
alter table rls_enabled_no_policy enable row level security;
grant select on rls_enabled_no_policy to anon;

create table rls_disabled (id int);
grant truncate on rls_disabled to anon;
create table parent (id int, primary key (id)) partition by list (id);
alter table parent enable row level security;
create table rls_disabled_part partition of parent for values in (1);
grant insert on rls_disabled_part to anon;

create table truncate_past_policies (id int);
alter table truncate_past_policies enable row level security;
grant truncate on truncate_past_policies to authenticated;

create view security_definer_view as select * from members;
grant select on security_definer_view to anon;

create view auth_users_exposed with (security_invoker) as select id from auth.users;
create view auth_users_behind with (security_invoker) as select id from auth_users_exposed;
grant select on auth_users_behind to anon;

create function function_search_path_mutable() returns int language sql as 'select 1';

create function definer_function() returns int language sql security definer
    set search_path = '' as 'select 1';

create table initplan (id int primary key, owner_id uuid unique, other_id uuid unique);
alter table initplan enable row level security;
create policy one_is_wrapped on initplan for select to authenticated
    using (owner_id = (select auth.uid()) or other_id = auth.uid());
grant select on initplan to authenticated;

create table multiple (id int primary key);
alter table multiple enable row level security;
create policy one on multiple for select to authenticated using (id = 1);
create policy two on multiple for select to authenticated using (id = 2);
grant select on multiple to authenticated;

create table user_metadata (id int);
alter table user_metadata enable row level security;
create policy admins on user_metadata for select to authenticated
    using ((select auth.jwt() -> 'user_metadata' ->> 'role') = 'admin');
grant select on user_metadata to authenticated;

create materialized view materialized as select 1 as one;
grant select on materialized to anon;

create foreign table foreign_table (id int) server elsewhere;
grant select on foreign_table to anon;

create table always_true (id int);
alter table always_true enable row level security;
create policy anybody on always_true for insert to authenticated with check (1 = 1);
grant insert on always_true to authenticated;

create table foreign_key (id int, user_id uuid references auth.users);
alter table foreign_key enable row level security;

create table duplicate_index (id int);
alter table duplicate_index enable row level security;
create index duplicate_index_a on duplicate_index (id);
create index duplicate_index_b on duplicate_index (id);

create table sensitive (id int, password text);
grant select on sensitive to anon;

create table forced (id int);
alter table forced enable row level security, force row level security;
alter table forced owner to service_role_less;

create table captured (id int primary key, team_id int);
alter table captured enable row level security;
create policy team on captured for select to authenticated using (exists (
    select from members where members.user_id = (select auth.uid()) and members.team_id = team_id));
grant select on captured to authenticated;

create table given_away (id int primary key, owner_id uuid unique);
alter table given_away enable row level security;
create policy own on given_away for update to authenticated
    using (owner_id = (select auth.uid())) with check (id > 0);
grant update on given_away to authenticated;

create table in_subselect (id int primary key, team_id int);
alter table in_subselect enable row level security;
create policy team on in_subselect for select to authenticated using (team_id in (
    select team_id from members where user_id = (select auth.uid())));
grant select on in_subselect to authenticated;

create table recursion (id int primary key, parent_id int);
alter table recursion enable row level security;
create policy children on recursion for select to authenticated using (exists (
    select from recursion parent where parent.id = recursion.parent_id));
grant select on recursion to authenticated;

create table without_grant (id int primary key);
alter table without_grant enable row level security;
create policy own on without_grant for delete to authenticated using (id = 1);

create table without_policy (id int primary key);
alter table without_policy enable row level security;
create policy one on without_policy for select to authenticated using (id = 1);
grant select, delete on without_policy to authenticated;

create table without_index (id int, owner_id uuid);
alter table without_index enable row level security;
create policy own on without_index for select to authenticated
    using (owner_id = (select auth.uid()));
grant select on without_index to authenticated;

create table t (a int);
create function who() returns text language sql stable as $$select 'x'$$;
create policy p on t using (who() = current_user);

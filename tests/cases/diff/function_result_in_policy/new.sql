create table t (a int);
create function who() returns name language sql stable as $$select 'x'::name$$;
create policy p on t using (who() = current_user);

create type mood as enum ('a', 'b', 'c');
create function f() returns mood language sql as $$select 'a'::mood$$;
create function g() returns table (m mood) language plpgsql as $$begin return; end$$;

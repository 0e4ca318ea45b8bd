-- Stand-ins for the functions of pgTAP that are used, each as that one behaves as far as it goes.
-- Like that one they keep the count of what has run in a table, which a savepoint takes back, and
-- number what runs by a sequence, which none does.
create sequence tap;
grant usage on sequence tap to public;
create function plan(planned int) returns text language plpgsql as $$
begin
    create temp table tap_state as select planned, null::bigint as ran;
    grant all on tap_state to public;
    perform setval('public.tap', 1, false);
    return '1..' || planned;
end $$;
create function finish() returns setof text language plpgsql as $$
declare
    state record;
begin
    select * into state from pg_temp.tap_state;
    if state.ran is null then
        raise exception '# No tests run!';
    end if;
    if state.ran <> state.planned then
        return next format('# Looks like you planned %s tests but ran %s', state.planned, state.ran);
    end if;
end $$;
create function ok(passed bool, description text) returns text language plpgsql as $$
declare
    number bigint := nextval('public.tap');
begin
    update pg_temp.tap_state set ran = number;
    return case when passed then 'ok ' else 'not ok ' end || number || ' - ' || description;
end $$;
create function pass(description text) returns text language sql as $$
    select public.ok(true, description)
$$;
create function skip(why text, how_many int) returns text language sql as $$
    select 'ok ' || nextval('public.tap') || ' # SKIP ' || why
$$;
create function lives_ok(code text, description text) returns text language plpgsql as $$
begin
    execute code;
    return public.ok(true, description);
exception when others then
    return public.ok(false, description);
end $$;
create function throws_ok(code text, errcode char(5), message text, description text) returns text
language plpgsql as $$
begin
    execute code;
    return public.ok(false, description);
exception when others then
    return public.ok(sqlstate = errcode and sqlerrm = coalesce(message, sqlerrm), description);
end $$;
create function throws_like(code text, pattern text, description text) returns text
language plpgsql as $$
begin
    execute code;
    return public.ok(false, description);
exception when others then
    return public.ok(sqlerrm like pattern, description);
end $$;
create function is_empty(sql text, description text) returns text language plpgsql as $$
declare
    one record;
begin
    for one in execute sql loop
        return public.ok(false, description);
    end loop;
    return public.ok(true, description);
end $$;
create function results_eq(have refcursor, want refcursor, description text) returns text
language plpgsql as $$
declare
    one record;
    other record;
    more bool;
begin
    loop
        fetch have into one;
        more := found;
        fetch want into other;
        if more is distinct from found or one is distinct from other then
            return public.ok(false, description);
        end if;
        if not more then
            return public.ok(true, description);
        end if;
    end loop;
end $$;
create function results_eq(have text, want text, description text) returns text
language plpgsql as $$
declare
    h refcursor;
    w refcursor;
begin
    open h for execute have;
    open w for execute want;
    return public.results_eq(h, w, description);
end $$;
create function results_eq(have text, want anyarray, description text) returns text
language plpgsql as $$
declare
    h refcursor;
    w refcursor;
begin
    open h for execute have;
    open w for select * from unnest(want);
    return public.results_eq(h, w, description);
end $$;

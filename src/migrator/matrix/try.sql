-- Tries what each actor reaches in each table. Asked by the setting grace_migrate.matrix, answered
-- in it, both JSON. Each try is a subtransaction that is always rolled back; so is each actor, and
-- with it role and claims. Variables are not, which is how the answers come out.
--
-- A row is addressed by a cursor that the migrating role opened: WHERE CURRENT OF reads no column, so
-- that an UPDATE or DELETE asks its own policies alone, as one without any condition would. Values
-- come from the row's text, so that they ask for no right to read either.
do $matrix$
declare
    input constant jsonb := current_setting('grace_migrate.matrix')::jsonb;
    writes constant boolean := (input ->> 'writes')::boolean;
    most constant integer := (input ->> 'most')::integer;
    -- What is nobody's right or policy, and another time would be otherwise: a lock that is not
    -- given, a server that has had enough. It ends the trying.
    passing constant text := '^(40|53|55P03|57|58|XX)';
    trouble text[];
    answer jsonb := '[]';
    cells jsonb;
    cell jsonb;
    subject jsonb;          -- the table
    actor jsonb;
    setting jsonb;
    target text;            -- its name, quoted
    role_name text;
    columns text[];         -- its columns, quoted and not
    column_names text[];
    writable text[];        -- those that take values
    writable_names text[];
    mine text[];            -- those of them that the actor may write
    total bigint;           -- its rows
    counted boolean;        -- they are too many to tell one from the other
    keys text[];            -- for each row: what it is found by, all of it as text, whose it is
    images text[];
    owners text[];
    seen text[];
    shown text[];
    command text;
    may boolean;
    statements jsonb;
    spot refcursor;
    key text;
    here integer;
    touched integer;
    state text;
    words text;
    reached jsonb;
    refused jsonb;
    failed jsonb;
    gift integer;           -- the row that is tried to be given away
    heirs integer[];        -- rows of others whose values it is given
    heir integer;
begin
    perform set_config('max_parallel_workers_per_gather', '0', true),
            set_config('synchronize_seqscans', 'off', true);
    for subject in select value from jsonb_array_elements(input -> 'tables') loop
        target := subject ->> 'table';
        if row_security_active(target::regclass) then
            answer := answer || jsonb_build_object('bound', true);
            continue;
        end if;
        execute format('select count(*) from (select from %s limit %s) as few', target, most + 1)
            into total;
        cells := '[]';
        counted := total > most;
        if counted and writes then
            answer := answer || jsonb_build_object('rows', total, 'cells', cells);
            continue;
        end if;
        keys := '{}';
        owners := '{}';
        if counted then
            execute format('select count(*) from %s', target) into total;
        else
            begin
                execute format(
                    'select coalesce(array_agg(tableoid::text || ctid::text), ''{}''),
                            coalesce(array_agg((%s.*)::text), ''{}''),
                            coalesce(array_agg((%s)::text), ''{}'') from %s',
                    subject ->> 'name', coalesce(subject ->> 'owner', 'null'), target)
                    into keys, images, owners;
            exception when others then
                get stacked diagnostics state = returned_sqlstate, words = message_text;
                if state ~ passing or subject ->> 'owner' is null then
                    raise;
                end if;
                answer := answer || jsonb_build_object('no_owner', words);
                continue;
            end;
        end if;
        select coalesce(array_agg(quote_ident(attname) order by attnum), '{}'),
               coalesce(array_agg(attname order by attnum), '{}')
          into columns, column_names
          from pg_catalog.pg_attribute
         where attrelid = target::regclass and attnum > 0 and not attisdropped;
        select coalesce(array_agg(quote_ident(attname) order by attnum), '{}'),
               coalesce(array_agg(attname order by attnum), '{}')
          into writable, writable_names
          from pg_catalog.pg_attribute
         where attrelid = target::regclass and attnum > 0 and not attisdropped
           and attgenerated = '' and attidentity <> 'a';

        for actor in select value from jsonb_array_elements(input -> 'actors') loop
            role_name := actor ->> 'role';
            reached := case when writes
                then '{"select": [], "insert": [], "update": [], "delete": []}'
                else '{"select": []}' end;
            refused := '{}';
            failed := '{}';
            statements := '{}';
            cell := jsonb_build_object('truncate',
                has_table_privilege(role_name, target, 'truncate') and has_schema_privilege(
                    role_name, (select relnamespace from pg_catalog.pg_class where oid = target::regclass), 'usage'));

            -- What is read, and how the same looks to the migrating role.
            may := has_table_privilege(role_name, target, 'select');
            shown := keys;
            command := 'tableoid::text || ctid::text';
            if not may and has_any_column_privilege(role_name, target, 'select') then
                select format('row(%s)::text', string_agg(quoted, ', ' order by o))
                  into command
                  from unnest(columns, column_names) with ordinality as u (quoted, plain, o)
                 where has_column_privilege(role_name, target, plain, 'select');
                if not counted then
                    execute format('select coalesce(array_agg(%s), ''{}'') from %s', command, target)
                        into shown;
                end if;
            end if;
            statements := jsonb_build_object('select', case
                when counted then format('select array[count(*)::text] from %s', target)
                else format('select coalesce(array_agg(%s), ''{}'') from %s', command, target) end);

            if writes then
                -- A row's copy, in the columns that the actor may write.
                select array_agg(quoted order by o) into mine
                  from unnest(writable, writable_names) with ordinality as u (quoted, plain, o)
                 where has_column_privilege(role_name, target, plain, 'insert');
                statements := statements || jsonb_build_object('insert', case
                    when mine is null then format('insert into %s default values', target)
                    else format('insert into %s (%s) values (%s)', target, array_to_string(mine, ', '),
                        (select string_agg(format('($1::%s).%s', target, u), ', ' order by o)
                           from unnest(mine) with ordinality as c (u, o)))
                    end);
                if mine is null and not has_table_privilege(role_name, target, 'insert') then
                    refused := refused || '{"insert": true}';
                end if;
                -- A column that is set to what it is.
                select array_agg(quoted order by o) into mine
                  from unnest(writable, writable_names) with ordinality as u (quoted, plain, o)
                 where has_column_privilege(role_name, target, plain, 'update');
                if cardinality(writable) > 0 then
                    statements := statements || jsonb_build_object('update', format(
                        'update %s set %s = ($1::%s).%s where current of grace_migrate_spot', target,
                        coalesce(mine[1], writable[1]), target, coalesce(mine[1], writable[1])));
                end if;
                if mine is null then
                    refused := refused || '{"update": true}';
                end if;
                statements := statements || jsonb_build_object('delete',
                    format('delete from %s where current of grace_migrate_spot', target));
                if not has_table_privilege(role_name, target, 'delete') then
                    refused := refused || '{"delete": true}';
                end if;
            end if;

            if total = 0 and not has_any_column_privilege(role_name, target, 'insert') then
                refused := refused || '{"insert": true}';
            end if;

            spot := 'grace_migrate_spot';
            open spot for execute format('select tableoid::text || ctid::text from %s', target);
            begin
                for setting in select value from jsonb_array_elements(actor -> 'settings') loop
                    perform set_config(setting ->> 0, setting ->> 1, true);
                end loop;
                begin
                    execute statements ->> 'select' into seen;
                    if counted then
                        cell := cell || jsonb_build_object('counted', seen[1]::bigint);
                    end if;
                    for here in 1 .. cardinality(keys) loop
                        if shown[here] = any (seen) then
                            reached := jsonb_insert(reached, '{select,-1}', to_jsonb(here), true);
                            seen[array_position(seen, shown[here])] := null;
                        end if;
                    end loop;
                exception when others then
                    get stacked diagnostics state = returned_sqlstate, words = message_text;
                    if state ~ passing then
                        trouble := array[state, words];
                    elsif state = '42501' then
                        refused := refused || '{"select": true}';
                    else
                        failed := failed || jsonb_build_object('select', jsonb_build_array(state, words));
                    end if;
                end;
                while writes loop
                    fetch spot into key;
                    exit when not found;
                    here := array_position(keys, key);
                    foreach command in array array['insert', 'update', 'delete'] loop
                        -- Who has no right to it is told so once.
                        continue when here > 1 and refused -> command = 'true'::jsonb
                            or not statements ? command;
                        begin
                            execute statements ->> command using images[here];
                            get diagnostics touched = row_count;
                            raise exception using errcode = 'GM000';
                        exception when others or assert_failure then
                            get stacked diagnostics state = returned_sqlstate, words = message_text;
                        end;
                        if state ~ passing then
                            trouble := array[state, words];
                        elsif state = 'GM000' and touched > 0 or left(state, 2) = '23' then
                            reached := jsonb_insert(reached, array[command, '-1'], to_jsonb(here), true);
                        elsif state = '42501' then
                            refused := refused || jsonb_build_object(command, coalesce(refused -> command, 'false'::jsonb));
                        elsif state <> 'GM000' then
                            failed := failed || jsonb_build_object(command, jsonb_build_array(state, words));
                        end if;
                    end loop;
                end loop;
                raise exception using errcode = 'GM001';
            exception when others then
                get stacked diagnostics state = returned_sqlstate, words = message_text;
            end;
            close spot;
            if state ~ passing then
                trouble := array[state, words];
            end if;
            if trouble is not null then
                raise exception using errcode = trouble[1], message = trouble[2];
            end if;
            if state <> 'GM001' then
                cell := cell || jsonb_build_object('not_taken', jsonb_build_array(state, words));
            end if;

            -- Whether a row that is reached can be given to somebody else.
            if writes and mine is not null and subject ->> 'owner' is not null
               and reached -> 'update' <> '[]'::jsonb then
                select value::integer into gift
                  from jsonb_array_elements_text(reached -> 'update') with ordinality
                 order by owners[value::integer] = actor ->> 'sub' desc nulls last, ordinality
                 limit 1;
                execute format(
                    'select array_agg(o order by o) from (
                         select distinct on (owner) o, owner
                           from (select o, (select (%s)::text from (select %s) as %s) as owner
                                   from unnest($2) with ordinality as u (image, o)) as new_row
                          where owner is distinct from $3
                          order by owner, o) as heirs',
                    subject ->> 'owner',
                    (select string_agg(format('(%s::%s).%3$s as %3$s',
                                case when u = any (mine) then 'image' else '$1' end, target, u), ', ')
                       from unnest(columns) as u),
                    subject ->> 'name')
                    into heirs using images[gift], images, owners[gift];
                if heirs is not null then
                    key := keys[gift];
                    open spot for execute format(
                        'select from %s where tableoid::text || ctid::text = %L', target, key);
                    fetch spot into words;
                    seen := '{}';
                    begin
                        for setting in select value from jsonb_array_elements(actor -> 'settings') loop
                            perform set_config(setting ->> 0, setting ->> 1, true);
                        end loop;
                        foreach heir in array heirs loop
                            begin
                                execute format('update %s set %s where current of grace_migrate_spot', target,
                                    (select string_agg(format('%s = ($1::%s).%1$s', u, target), ', ')
                                       from unnest(mine) as u)) using images[heir];
                                get diagnostics touched = row_count;
                                raise exception using errcode = 'GM000';
                            exception when others or assert_failure then
                                get stacked diagnostics state = returned_sqlstate, words = message_text;
                            end;
                            if state ~ passing then
                                raise exception using errcode = state, message = words;
                            end if;
                            if state = 'GM000' and touched > 0 or left(state, 2) = '23' then
                                seen := seen || 'given'::text;
                            end if;
                        end loop;
                        raise exception using errcode = 'GM001';
                    exception when others then
                        get stacked diagnostics state = returned_sqlstate, words = message_text;
                    end;
                    if state <> 'GM001' then
                        raise exception using errcode = state, message = words;
                    end if;
                    close spot;
                    cell := cell || jsonb_build_object(
                        'heirs', cardinality(heirs), 'given', cardinality(seen));
                end if;
            end if;
            cells := cells || jsonb_build_array(cell || jsonb_build_object(
                'reached', reached, 'refused', refused, 'failed', failed));
        end loop;
        answer := answer || jsonb_build_array(jsonb_build_object(
            'rows', total, 'owners', to_jsonb(owners), 'cells', cells));
    end loop;
    perform set_config('grace_migrate.matrix', answer::text, true);
end
$matrix$

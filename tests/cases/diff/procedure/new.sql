create procedure p(a int, inout b int) language plpgsql as $$begin b := a; end$$;
comment on procedure p(int, int) is 'p';
grant execute on procedure p(int, int) to gm_reader;

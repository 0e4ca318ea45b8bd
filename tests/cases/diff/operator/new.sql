create function plus2(int, text) returns int language sql immutable as $$select $1 + 2$$;
create function plus3(text, int) returns int language sql immutable as $$select $2 + 2$$;
create operator @+@ (leftarg = int, rightarg = text, function = plus2, commutator = operator(public.@+@));
create operator @+@ (leftarg = text, rightarg = int, function = plus3, commutator = operator(public.@+@));
comment on operator @+@ (int, text) is 'o';

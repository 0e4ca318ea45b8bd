create type pair as (a bigint, c text);
comment on type pair is 'two';
comment on column pair.a is 'one';

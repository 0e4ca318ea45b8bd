create table t (a int, j jsonb);
create view v as select t.a, e.key, e.value ->> 'x' as x from t cross join lateral jsonb_each(t.j) e where t.j @> '{"a": [1, 2]}';

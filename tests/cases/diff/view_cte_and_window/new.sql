create table t (a int, b int);
create view v as with x as (select a, row_number() over (partition by b order by a desc) as n from t)
    select x.a, x.n, array(select y.b from t y where y.a = x.a order by 1) as bs from x where n <= 3 union all select 0, 0, '{}';

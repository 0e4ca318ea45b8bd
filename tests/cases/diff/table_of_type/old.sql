create type ty as (a int, b text);

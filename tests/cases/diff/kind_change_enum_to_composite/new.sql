create type k as (a text);

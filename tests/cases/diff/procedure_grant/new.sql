create procedure p() language sql as 'select 1';
comment on procedure p() is 'new';
revoke all on procedure p() from public;
grant execute on procedure p() to gm_reader with grant option;

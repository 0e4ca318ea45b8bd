create procedure p() language sql as 'select 1';
comment on procedure p() is 'old';

create procedure p(a int, inout b int) language plpgsql security definer as 'begin b := a; end';

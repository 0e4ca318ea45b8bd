create function f() returns text language sql as $x$select '$$'$x$;

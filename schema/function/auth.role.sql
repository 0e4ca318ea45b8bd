CREATE OR REPLACE FUNCTION auth.role()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
            select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
        $function$;
GRANT EXECUTE ON FUNCTION auth.role() TO anon;
GRANT EXECUTE ON FUNCTION auth.role() TO authenticated;
REVOKE EXECUTE ON FUNCTION auth.role() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.role() TO service_role;
COMMENT ON FUNCTION auth.role() IS 'The role that the request claims (made by grace-migrate revision 8f3c2a1b9d04)';

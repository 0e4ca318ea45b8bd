CREATE OR REPLACE FUNCTION auth.jwt()
 RETURNS jsonb
 LANGUAGE sql
 STABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
            select nullif(current_setting('request.jwt.claims', true), '')::jsonb
        $function$;
GRANT EXECUTE ON FUNCTION auth.jwt() TO anon;
GRANT EXECUTE ON FUNCTION auth.jwt() TO authenticated;
REVOKE EXECUTE ON FUNCTION auth.jwt() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth.jwt() TO service_role;
COMMENT ON FUNCTION auth.jwt() IS 'The claims of the request (made by grace-migrate revision 8f3c2a1b9d04)';

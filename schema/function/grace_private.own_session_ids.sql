CREATE OR REPLACE FUNCTION grace_private.own_session_ids()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select s.id
      from public.sessions s
     where s.profile_id = (select auth.uid())
$function$;
GRANT EXECUTE ON FUNCTION grace_private.own_session_ids() TO authenticated;
REVOKE EXECUTE ON FUNCTION grace_private.own_session_ids() FROM PUBLIC;
COMMENT ON FUNCTION grace_private.own_session_ids() IS 'The sessions of the requesting user.';

CREATE OR REPLACE FUNCTION grace_private.visible_session_ids()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select s.id
      from public.sessions s
     where s.profile_id = (select auth.uid())
        or s.profile_id = any (array(select grace_private.managed_profile_ids()))
$function$;
GRANT EXECUTE ON FUNCTION grace_private.visible_session_ids() TO authenticated;
REVOKE EXECUTE ON FUNCTION grace_private.visible_session_ids() FROM PUBLIC;
COMMENT ON FUNCTION grace_private.visible_session_ids() IS 'The sessions of the requesting user and of the profiles that this user actively manages.';

CREATE OR REPLACE FUNCTION grace_private.managed_profile_ids()
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE SECURITY DEFINER
 SET search_path TO ''
AS $function$
    select r.profile_id
      from public.caregiver_relations r
     where r.caregiver_id = (select auth.uid())
       and r.status = 'active'
$function$;
GRANT EXECUTE ON FUNCTION grace_private.managed_profile_ids() TO authenticated;
REVOKE EXECUTE ON FUNCTION grace_private.managed_profile_ids() FROM PUBLIC;
COMMENT ON FUNCTION grace_private.managed_profile_ids() IS 'The profiles that the requesting user actively manages.';

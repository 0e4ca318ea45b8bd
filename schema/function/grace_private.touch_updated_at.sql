CREATE OR REPLACE FUNCTION grace_private.touch_updated_at()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
    new.updated_at := clock_timestamp();
    return new;
end
$function$;
REVOKE EXECUTE ON FUNCTION grace_private.touch_updated_at() FROM PUBLIC;

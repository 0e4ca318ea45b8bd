CREATE TABLE public.profiles (
    id uuid DEFAULT auth.uid(),
    email text NOT NULL,
    full_name text,
    phone text,
    birth_date date,
    locale text DEFAULT 'en'::text NOT NULL,
    time_zone text DEFAULT 'UTC'::text NOT NULL,
    preferences jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT profiles_birth_date_check CHECK ((birth_date >= '1850-01-01'::date)),
    CONSTRAINT profiles_email_check CHECK ((email ~ '^[^@[:space:]]+@[^@[:space:]]+$'::text)),
    CONSTRAINT profiles_full_name_check CHECK ((btrim(full_name) <> ''::text)),
    CONSTRAINT profiles_locale_check CHECK ((locale ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$'::text)),
    CONSTRAINT profiles_phone_check CHECK ((phone ~ '^\+?[0-9][0-9 ()./-]{1,30}$'::text)),
    CONSTRAINT profiles_pkey PRIMARY KEY (id),
    CONSTRAINT profiles_preferences_check CHECK ((jsonb_typeof(preferences) = 'object'::text)),
    CONSTRAINT profiles_time_zone_check CHECK ((time_zone ~ '^[A-Za-z0-9_+/-]{1,64}$'::text))
);
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON public.profiles FOR EACH ROW EXECUTE FUNCTION grace_private.touch_updated_at();
ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY profiles_select ON public.profiles FOR SELECT TO authenticated USING (((id = ( SELECT auth.uid() AS uid)) OR (id = ANY (ARRAY( SELECT grace_private.managed_profile_ids() AS managed_profile_ids)))));
CREATE POLICY profiles_service ON public.profiles TO service_role USING (true) WITH CHECK (true);
CREATE POLICY profiles_update ON public.profiles FOR UPDATE TO authenticated USING ((id = ( SELECT auth.uid() AS uid))) WITH CHECK ((id = ( SELECT auth.uid() AS uid)));
GRANT UPDATE (birth_date) ON TABLE public.profiles TO authenticated;
GRANT UPDATE (full_name) ON TABLE public.profiles TO authenticated;
GRANT UPDATE (locale) ON TABLE public.profiles TO authenticated;
GRANT UPDATE (phone) ON TABLE public.profiles TO authenticated;
GRANT UPDATE (preferences) ON TABLE public.profiles TO authenticated;
GRANT UPDATE (time_zone) ON TABLE public.profiles TO authenticated;
GRANT SELECT ON TABLE public.profiles TO authenticated;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.profiles TO service_role;
COMMENT ON COLUMN public.profiles.email IS 'As the auth system knows it, which also decides whether it is unique.';
COMMENT ON TABLE public.profiles IS 'A person; the id is that of the auth user.';

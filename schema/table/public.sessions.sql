CREATE TABLE public.sessions (
    id uuid DEFAULT gen_random_uuid(),
    profile_id uuid DEFAULT auth.uid() NOT NULL,
    title text,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT sessions_check CHECK ((ended_at >= started_at)),
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_title_check CHECK ((btrim(title) <> ''::text))
);
CREATE INDEX sessions_profile_id_started_at_id_idx ON public.sessions USING btree (profile_id, started_at, id);
ALTER TABLE public.sessions ADD CONSTRAINT sessions_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE;
ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;
CREATE POLICY sessions_delete ON public.sessions FOR DELETE TO authenticated USING ((profile_id = ( SELECT auth.uid() AS uid)));
CREATE POLICY sessions_insert ON public.sessions FOR INSERT TO authenticated WITH CHECK ((profile_id = ( SELECT auth.uid() AS uid)));
CREATE POLICY sessions_select ON public.sessions FOR SELECT TO authenticated USING (((profile_id = ( SELECT auth.uid() AS uid)) OR (profile_id = ANY (ARRAY( SELECT grace_private.managed_profile_ids() AS managed_profile_ids)))));
CREATE POLICY sessions_service ON public.sessions TO service_role USING (true) WITH CHECK (true);
CREATE POLICY sessions_update ON public.sessions FOR UPDATE TO authenticated USING ((profile_id = ( SELECT auth.uid() AS uid))) WITH CHECK ((profile_id = ( SELECT auth.uid() AS uid)));
GRANT INSERT (ended_at), UPDATE (ended_at) ON TABLE public.sessions TO authenticated;
GRANT INSERT (id) ON TABLE public.sessions TO authenticated;
GRANT INSERT (profile_id) ON TABLE public.sessions TO authenticated;
GRANT INSERT (started_at), UPDATE (started_at) ON TABLE public.sessions TO authenticated;
GRANT INSERT (title), UPDATE (title) ON TABLE public.sessions TO authenticated;
GRANT DELETE, SELECT ON TABLE public.sessions TO authenticated;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.sessions TO service_role;
COMMENT ON TABLE public.sessions IS 'A conversation of a person with GRACE.';

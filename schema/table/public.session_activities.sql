CREATE TABLE public.session_activities (
    session_id uuid,
    activity_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT session_activities_pkey PRIMARY KEY (session_id, activity_id)
);
CREATE INDEX session_activities_activity_id_idx ON public.session_activities USING btree (activity_id);
ALTER TABLE public.session_activities ADD CONSTRAINT session_activities_activity_id_fkey FOREIGN KEY (activity_id) REFERENCES public.activities(id) ON DELETE CASCADE;
ALTER TABLE public.session_activities ADD CONSTRAINT session_activities_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;
ALTER TABLE public.session_activities ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_activities_delete ON public.session_activities FOR DELETE TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
CREATE POLICY session_activities_insert ON public.session_activities FOR INSERT TO authenticated WITH CHECK ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
CREATE POLICY session_activities_select ON public.session_activities FOR SELECT TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.visible_session_ids() AS visible_session_ids))));
CREATE POLICY session_activities_service ON public.session_activities TO service_role USING (true) WITH CHECK (true);
CREATE POLICY session_activities_update ON public.session_activities FOR UPDATE TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids)))) WITH CHECK ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
GRANT INSERT (activity_id), UPDATE (activity_id) ON TABLE public.session_activities TO authenticated;
GRANT INSERT (session_id) ON TABLE public.session_activities TO authenticated;
GRANT DELETE, SELECT ON TABLE public.session_activities TO authenticated;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.session_activities TO service_role;

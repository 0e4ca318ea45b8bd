CREATE TABLE public.session_topics (
    session_id uuid,
    topic_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT session_topics_pkey PRIMARY KEY (session_id, topic_id)
);
CREATE INDEX session_topics_topic_id_idx ON public.session_topics USING btree (topic_id);
ALTER TABLE public.session_topics ADD CONSTRAINT session_topics_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;
ALTER TABLE public.session_topics ADD CONSTRAINT session_topics_topic_id_fkey FOREIGN KEY (topic_id) REFERENCES public.topics(id) ON DELETE CASCADE;
ALTER TABLE public.session_topics ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_topics_delete ON public.session_topics FOR DELETE TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
CREATE POLICY session_topics_insert ON public.session_topics FOR INSERT TO authenticated WITH CHECK ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
CREATE POLICY session_topics_select ON public.session_topics FOR SELECT TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.visible_session_ids() AS visible_session_ids))));
CREATE POLICY session_topics_service ON public.session_topics TO service_role USING (true) WITH CHECK (true);
CREATE POLICY session_topics_update ON public.session_topics FOR UPDATE TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids)))) WITH CHECK ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
GRANT INSERT (session_id) ON TABLE public.session_topics TO authenticated;
GRANT INSERT (topic_id), UPDATE (topic_id) ON TABLE public.session_topics TO authenticated;
GRANT DELETE, SELECT ON TABLE public.session_topics TO authenticated;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.session_topics TO service_role;

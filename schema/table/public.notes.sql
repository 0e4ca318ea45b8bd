CREATE TABLE public.notes (
    id uuid DEFAULT gen_random_uuid(),
    session_id uuid NOT NULL,
    body text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT notes_body_check CHECK ((body <> ''::text)),
    CONSTRAINT notes_pkey PRIMARY KEY (id)
);
CREATE INDEX notes_session_id_created_at_id_idx ON public.notes USING btree (session_id, created_at, id);
ALTER TABLE public.notes ADD CONSTRAINT notes_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY notes_delete ON public.notes FOR DELETE TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
CREATE POLICY notes_insert ON public.notes FOR INSERT TO authenticated WITH CHECK ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
CREATE POLICY notes_select ON public.notes FOR SELECT TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.visible_session_ids() AS visible_session_ids))));
CREATE POLICY notes_service ON public.notes TO service_role USING (true) WITH CHECK (true);
CREATE POLICY notes_update ON public.notes FOR UPDATE TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids)))) WITH CHECK ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
GRANT INSERT (body), UPDATE (body) ON TABLE public.notes TO authenticated;
GRANT INSERT (id) ON TABLE public.notes TO authenticated;
GRANT INSERT (session_id) ON TABLE public.notes TO authenticated;
GRANT DELETE, SELECT ON TABLE public.notes TO authenticated;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.notes TO service_role;

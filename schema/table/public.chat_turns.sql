CREATE TABLE public.chat_turns (
    id uuid DEFAULT gen_random_uuid(),
    session_id uuid NOT NULL,
    speaker text DEFAULT 'user'::text NOT NULL,
    content text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT chat_turns_content_check CHECK ((content <> ''::text)),
    CONSTRAINT chat_turns_pkey PRIMARY KEY (id),
    CONSTRAINT chat_turns_speaker_check CHECK ((speaker = ANY (ARRAY['user'::text, 'assistant'::text, 'system'::text])))
);
CREATE INDEX chat_turns_session_id_created_at_id_idx ON public.chat_turns USING btree (session_id, created_at, id);
ALTER TABLE public.chat_turns ADD CONSTRAINT chat_turns_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;
ALTER TABLE public.chat_turns ENABLE ROW LEVEL SECURITY;
CREATE POLICY chat_turns_delete ON public.chat_turns FOR DELETE TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
CREATE POLICY chat_turns_insert ON public.chat_turns FOR INSERT TO authenticated WITH CHECK ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
CREATE POLICY chat_turns_select ON public.chat_turns FOR SELECT TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.visible_session_ids() AS visible_session_ids))));
CREATE POLICY chat_turns_service ON public.chat_turns TO service_role USING (true) WITH CHECK (true);
CREATE POLICY chat_turns_update ON public.chat_turns FOR UPDATE TO authenticated USING ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids)))) WITH CHECK ((session_id = ANY (ARRAY( SELECT grace_private.own_session_ids() AS own_session_ids))));
GRANT INSERT (content), UPDATE (content) ON TABLE public.chat_turns TO authenticated;
GRANT INSERT (id) ON TABLE public.chat_turns TO authenticated;
GRANT INSERT (session_id) ON TABLE public.chat_turns TO authenticated;
GRANT INSERT (speaker), UPDATE (speaker) ON TABLE public.chat_turns TO authenticated;
GRANT DELETE, SELECT ON TABLE public.chat_turns TO authenticated;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.chat_turns TO service_role;
COMMENT ON COLUMN public.chat_turns.created_at IS 'By the clock, not the transaction, so that turns stored together keep their order.';

CREATE TABLE public.caregiver_relations (
    id uuid DEFAULT gen_random_uuid(),
    caregiver_id uuid NOT NULL,
    profile_id uuid DEFAULT auth.uid() NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT caregiver_relations_check CHECK ((caregiver_id <> profile_id)),
    CONSTRAINT caregiver_relations_pkey PRIMARY KEY (id),
    CONSTRAINT caregiver_relations_profile_id_caregiver_id_key UNIQUE (profile_id, caregiver_id),
    CONSTRAINT caregiver_relations_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'active'::text, 'revoked'::text])))
);
CREATE INDEX caregiver_relations_caregiver_id_status_profile_id_idx ON public.caregiver_relations USING btree (caregiver_id, status, profile_id);
ALTER TABLE public.caregiver_relations ADD CONSTRAINT caregiver_relations_caregiver_id_fkey FOREIGN KEY (caregiver_id) REFERENCES public.profiles(id) ON DELETE CASCADE;
ALTER TABLE public.caregiver_relations ADD CONSTRAINT caregiver_relations_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE;
ALTER TABLE public.caregiver_relations ENABLE ROW LEVEL SECURITY;
CREATE POLICY caregiver_relations_delete ON public.caregiver_relations FOR DELETE TO authenticated USING (((profile_id = ( SELECT auth.uid() AS uid)) OR (caregiver_id = ( SELECT auth.uid() AS uid))));
CREATE POLICY caregiver_relations_insert ON public.caregiver_relations FOR INSERT TO authenticated WITH CHECK ((profile_id = ( SELECT auth.uid() AS uid)));
CREATE POLICY caregiver_relations_select ON public.caregiver_relations FOR SELECT TO authenticated USING (((profile_id = ( SELECT auth.uid() AS uid)) OR (caregiver_id = ( SELECT auth.uid() AS uid))));
CREATE POLICY caregiver_relations_service ON public.caregiver_relations TO service_role USING (true) WITH CHECK (true);
CREATE POLICY caregiver_relations_update ON public.caregiver_relations FOR UPDATE TO authenticated USING ((profile_id = ( SELECT auth.uid() AS uid))) WITH CHECK ((profile_id = ( SELECT auth.uid() AS uid)));
GRANT INSERT (caregiver_id) ON TABLE public.caregiver_relations TO authenticated;
GRANT INSERT (id) ON TABLE public.caregiver_relations TO authenticated;
GRANT INSERT (profile_id) ON TABLE public.caregiver_relations TO authenticated;
GRANT INSERT (status), UPDATE (status) ON TABLE public.caregiver_relations TO authenticated;
GRANT DELETE, SELECT ON TABLE public.caregiver_relations TO authenticated;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.caregiver_relations TO service_role;
COMMENT ON COLUMN public.caregiver_relations.profile_id IS 'The managed person.';
COMMENT ON TABLE public.caregiver_relations IS 'Who cares for whom. Only an active relation lets the caregiver read.';

CREATE TABLE public.medications (
    id uuid DEFAULT gen_random_uuid(),
    profile_id uuid DEFAULT auth.uid() NOT NULL,
    name text NOT NULL,
    dosage text,
    schedule jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT medications_dosage_check CHECK ((btrim(dosage) <> ''::text)),
    CONSTRAINT medications_name_check CHECK ((btrim(name) <> ''::text)),
    CONSTRAINT medications_pkey PRIMARY KEY (id),
    CONSTRAINT medications_schedule_check CHECK ((jsonb_typeof(schedule) = ANY (ARRAY['object'::text, 'array'::text])))
);
CREATE INDEX medications_profile_id_created_at_id_idx ON public.medications USING btree (profile_id, created_at, id);
ALTER TABLE public.medications ADD CONSTRAINT medications_profile_id_fkey FOREIGN KEY (profile_id) REFERENCES public.profiles(id) ON DELETE CASCADE;
ALTER TABLE public.medications ENABLE ROW LEVEL SECURITY;
CREATE POLICY medications_delete ON public.medications FOR DELETE TO authenticated USING ((profile_id = ( SELECT auth.uid() AS uid)));
CREATE POLICY medications_insert ON public.medications FOR INSERT TO authenticated WITH CHECK ((profile_id = ( SELECT auth.uid() AS uid)));
CREATE POLICY medications_select ON public.medications FOR SELECT TO authenticated USING (((profile_id = ( SELECT auth.uid() AS uid)) OR (profile_id = ANY (ARRAY( SELECT grace_private.managed_profile_ids() AS managed_profile_ids)))));
CREATE POLICY medications_service ON public.medications TO service_role USING (true) WITH CHECK (true);
CREATE POLICY medications_update ON public.medications FOR UPDATE TO authenticated USING ((profile_id = ( SELECT auth.uid() AS uid))) WITH CHECK ((profile_id = ( SELECT auth.uid() AS uid)));
GRANT INSERT (dosage), UPDATE (dosage) ON TABLE public.medications TO authenticated;
GRANT INSERT (id) ON TABLE public.medications TO authenticated;
GRANT INSERT (name), UPDATE (name) ON TABLE public.medications TO authenticated;
GRANT INSERT (profile_id) ON TABLE public.medications TO authenticated;
GRANT INSERT (schedule), UPDATE (schedule) ON TABLE public.medications TO authenticated;
GRANT DELETE, SELECT ON TABLE public.medications TO authenticated;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.medications TO service_role;

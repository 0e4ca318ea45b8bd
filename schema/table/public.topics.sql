CREATE TABLE public.topics (
    id uuid DEFAULT gen_random_uuid(),
    name text NOT NULL,
    description text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT topics_name_check CHECK ((btrim(name) <> ''::text)),
    CONSTRAINT topics_name_key UNIQUE (name),
    CONSTRAINT topics_pkey PRIMARY KEY (id)
);
ALTER TABLE public.topics ENABLE ROW LEVEL SECURITY;
CREATE POLICY topics_select ON public.topics FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) IS NOT NULL));
CREATE POLICY topics_service ON public.topics TO service_role USING (true) WITH CHECK (true);
GRANT SELECT ON TABLE public.topics TO authenticated;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.topics TO service_role;

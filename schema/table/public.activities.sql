CREATE TABLE public.activities (
    id uuid DEFAULT gen_random_uuid(),
    name text NOT NULL,
    description text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT activities_name_check CHECK ((btrim(name) <> ''::text)),
    CONSTRAINT activities_name_key UNIQUE (name),
    CONSTRAINT activities_pkey PRIMARY KEY (id)
);
ALTER TABLE public.activities ENABLE ROW LEVEL SECURITY;
CREATE POLICY activities_select ON public.activities FOR SELECT TO authenticated USING ((( SELECT auth.uid() AS uid) IS NOT NULL));
CREATE POLICY activities_service ON public.activities TO service_role USING (true) WITH CHECK (true);
GRANT SELECT ON TABLE public.activities TO authenticated;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE public.activities TO service_role;

CREATE SCHEMA auth;
GRANT USAGE ON SCHEMA auth TO anon;
GRANT USAGE ON SCHEMA auth TO authenticated;
GRANT USAGE ON SCHEMA auth TO service_role;
COMMENT ON SCHEMA auth IS 'Who makes the request (made by grace-migrate revision 8f3c2a1b9d04)';

CREATE SCHEMA grace_private;
COMMENT ON SCHEMA grace_private IS 'What GRACE''s triggers and policies call. No API role has USAGE, so none can call it directly.';

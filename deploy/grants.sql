-- What each subgraph's role may do: use its own schema, and append to the bus. The owner runs it after every migration and after a restore;
-- running it again changes nothing. The roles are there before: tandem_users and so on for each schema, tandem_bus for the PostgreSQL bus.
DO $$
DECLARE
    owned record;
BEGIN
    FOR owned IN
        SELECT nspname AS schema, 'tandem_' || nspname AS role
        FROM pg_namespace JOIN pg_roles ON rolname = 'tandem_' || nspname
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', owned.schema, owned.role);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', owned.schema, owned.role);
        EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO %I', owned.schema, owned.role);
        EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %I', owned.schema, owned.role);
        -- What the next migrations make, too: the new code may start before this runs again.
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', owned.schema, owned.role);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT USAGE ON SEQUENCES TO %I', owned.schema, owned.role);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT EXECUTE ON FUNCTIONS TO %I', owned.schema, owned.role);
        IF owned.schema <> 'bus' THEN
            EXECUTE format('GRANT USAGE ON SCHEMA bus TO %I', owned.role);
            EXECUTE format('GRANT INSERT, SELECT (event_id) ON bus.events TO %I', owned.role);
        END IF;
    END LOOP;
END
$$;

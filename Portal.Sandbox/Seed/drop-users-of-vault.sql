-- By the form of their names, which `apply` gives to Vault: they end in the second of their making.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT rolname FROM pg_roles WHERE rolname ~ '^v-.*-[0-9]+$' AND substring(rolname FROM '[0-9]+$')::numeric >= {since}
    LOOP
        EXECUTE format('REASSIGN OWNED BY %I TO shop', name);
        EXECUTE format('DROP OWNED BY %I', name);
        EXECUTE format('DROP ROLE %I', name);
    END LOOP;
END $$;

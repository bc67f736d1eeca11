-- By the form of their names, which `apply` gives to Vault.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT rolname FROM pg_roles WHERE rolname ~ '^v-.*-[0-9]+$' LOOP
        EXECUTE format('REASSIGN OWNED BY %I TO shop', name);
        EXECUTE format('DROP OWNED BY %I', name);
        EXECUTE format('DROP ROLE %I', name);
    END LOOP;
END $$;

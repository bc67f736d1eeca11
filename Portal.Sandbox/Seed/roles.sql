-- The owner of everything in the database: nobody signs in as it.
CREATE ROLE shop NOLOGIN;

-- Vault's administrator. It makes and drops users (CREATEROLE), hands out what shop owns (member of shop), and ends
-- sessions (pg_signal_backend). To reassign what a user made it must also be a member of that user: the creation
-- statements say `ROLE vault`.
CREATE ROLE vault LOGIN CREATEROLE;
GRANT shop TO vault;
GRANT pg_signal_backend TO vault;

-- Vault's administrator. It makes, locks and drops users (CREATE USER), ends their sessions (CONNECTION ADMIN), and hands out
-- no more than it may do itself.
CREATE USER IF NOT EXISTS 'vault'@'%';
GRANT CREATE USER, CONNECTION ADMIN ON *.* TO 'vault'@'%';
GRANT SELECT ON billing.* TO 'vault'@'%' WITH GRANT OPTION;

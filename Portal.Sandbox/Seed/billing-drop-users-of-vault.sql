-- By the form of their names, which `apply` gives to Vault.
BEGIN NOT ATOMIC
    FOR found IN (SELECT User FROM mysql.user WHERE Host = '%' AND User REGEXP '^v-[0-9A-Za-z-]+-[0-9A-Za-z]{10}$') DO
        EXECUTE IMMEDIATE CONCAT('DROP USER ', QUOTE(found.User), '@''%''');
    END FOR;
END

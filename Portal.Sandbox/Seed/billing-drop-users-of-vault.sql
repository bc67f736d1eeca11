-- By the form of their names, which `apply` gives to Vault, and the second of their making.
BEGIN NOT ATOMIC
    FOR found IN (
        SELECT User FROM mysql.global_priv
        WHERE Host = '%' AND User REGEXP '^v-[0-9A-Za-z-]+-[0-9A-Za-z]{10}$'
            AND CAST(JSON_VALUE(Priv, '$.password_last_changed') AS UNSIGNED) >= {since}
    ) DO
        EXECUTE IMMEDIATE CONCAT('DROP USER ', QUOTE(found.User), '@''%''');
    END FOR;
END

CREATE DATABASE IF NOT EXISTS billing CHARACTER SET utf8mb4;
USE billing;

CREATE TABLE IF NOT EXISTS accounts (
    id int PRIMARY KEY,
    name varchar(100) NOT NULL,
    email varchar(200) NOT NULL UNIQUE,
    plan enum('free', 'team', 'business') NOT NULL,
    since date NOT NULL
);
CREATE TABLE IF NOT EXISTS invoices (
    id int PRIMARY KEY,
    account_id int NOT NULL,
    issued date NOT NULL,
    due date NOT NULL,
    state enum('open', 'paid', 'overdue', 'cancelled') NOT NULL,
    FOREIGN KEY (account_id) REFERENCES accounts (id)
);
CREATE TABLE IF NOT EXISTS invoice_lines (
    invoice_id int NOT NULL,
    line int NOT NULL,
    text varchar(200) NOT NULL,
    amount decimal(10, 2) NOT NULL,
    PRIMARY KEY (invoice_id, line),
    FOREIGN KEY (invoice_id) REFERENCES invoices (id)
);

INSERT IGNORE INTO accounts (id, name, email, plan, since) VALUES
    (1, 'Abacus & Sons', 'books@abacus.example', 'team', '2022-02-01'),
    (2, 'Brückner Logistik', 'rechnung@brueckner.example', 'business', '2022-06-15'),
    (3, 'Café Ombra', 'ciao@ombra.example', 'free', '2023-01-09'),
    (4, 'Delta Freight', 'ap@delta.example', 'business', '2023-03-27'),
    (5, 'O''Neil Optics', 'office@oneil.example', 'team', '2023-10-02'),
    (6, 'Señal Norte', 'hola@senal.example', 'team', '2024-05-20');
INSERT IGNORE INTO invoices (id, account_id, issued, due, state)
    SELECT seq, 1 + seq * 5 % 6, '2025-01-03' + INTERVAL seq * 3 DAY, '2025-01-17' + INTERVAL seq * 3 DAY, ELT(1 + seq % 5, 'paid', 'paid', 'open', 'overdue', 'cancelled')
    FROM seq_1_to_90;
INSERT IGNORE INTO invoice_lines (invoice_id, line, text, amount)
    SELECT i.seq, l.seq, ELT(l.seq, 'Seats', 'Storage', 'Support'), 10 * (1 + (i.seq + l.seq) % 7) + 0.90
    FROM seq_1_to_90 AS i JOIN seq_1_to_3 AS l ON (i.seq + l.seq) % 3 > 0;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW outstanding AS
    SELECT a.name, sum(l.amount) AS amount
    FROM accounts AS a JOIN invoices AS i ON i.account_id = a.id JOIN invoice_lines AS l ON l.invoice_id = i.id
    WHERE i.state IN ('open', 'overdue')
    GROUP BY a.name;

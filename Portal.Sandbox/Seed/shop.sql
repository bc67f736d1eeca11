REVOKE CONNECT ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO vault;
SET ROLE shop;

CREATE TABLE customers (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL UNIQUE,
    country char(2) NOT NULL,
    since date NOT NULL
);
CREATE TABLE products (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL UNIQUE,
    name text NOT NULL,
    price numeric(10, 2) NOT NULL CHECK (price > 0),
    stock integer NOT NULL DEFAULT 0
);
CREATE TABLE orders (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers,
    placed_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('placed', 'paid', 'shipped', 'returned'))
);
CREATE TABLE order_items (
    order_id integer NOT NULL REFERENCES orders,
    product_id integer NOT NULL REFERENCES products,
    quantity integer NOT NULL CHECK (quantity > 0),
    price numeric(10, 2) NOT NULL,
    PRIMARY KEY (order_id, product_id)
);

INSERT INTO customers (name, email, country, since) VALUES
    ('Amira Haddad', 'amira@example.com', 'FR', '2021-03-14'),
    ('Ben Okafor', 'ben@example.com', 'GB', '2021-07-02'),
    ('Chiara Rossi', 'chiara@example.com', 'IT', '2022-01-19'),
    ('Dmitri Volkov', 'dmitri@example.com', 'EE', '2022-05-30'),
    ('Elena Petrova', 'elena@example.com', 'BG', '2022-11-08'),
    ('Farid Rahimi', 'farid@example.com', 'DE', '2023-02-21'),
    ('Greta Lindqvist', 'greta@example.com', 'SE', '2023-06-11'),
    ('Hugo Almeida', 'hugo@example.com', 'PT', '2023-09-27'),
    ('Ines Kovács', 'ines@example.com', 'HU', '2024-04-05'),
    ('Jonas Weber', 'jonas@example.com', 'AT', '2024-08-16');
INSERT INTO products (sku, name, price, stock) VALUES
    ('TEA-001', 'Darjeeling, first flush, 100 g', 14.90, 82),
    ('TEA-002', 'Sencha, 100 g', 11.50, 140),
    ('COF-001', 'Espresso beans, 1 kg', 22.00, 65),
    ('COF-002', 'Filter coffee, 500 g', 12.80, 97),
    ('POT-001', 'Teapot, cast iron', 48.00, 12),
    ('CUP-001', 'Cup, stoneware', 9.50, 210);
INSERT INTO orders (customer_id, placed_at, state)
    SELECT 1 + n * 7 % 10, timestamptz '2025-01-02 09:00Z' + n * interval '31 hours',
        (ARRAY['placed', 'paid', 'shipped', 'shipped', 'shipped', 'returned'])[1 + n % 6]
    FROM generate_series(1, 120) AS n;
INSERT INTO order_items (order_id, product_id, quantity, price)
    SELECT o.id, p.id, 1 + (o.id + p.id) % 3, p.price
    FROM orders AS o JOIN products AS p ON (o.id + p.id) % 3 = 0;

CREATE VIEW revenue_by_country AS
    SELECT c.country, sum(i.quantity * i.price) AS revenue
    FROM customers AS c JOIN orders AS o ON o.customer_id = c.id JOIN order_items AS i ON i.order_id = o.id
    WHERE o.state <> 'returned'
    GROUP BY c.country;
RESET ROLE;

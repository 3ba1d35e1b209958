PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE schema_migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;
INSERT INTO schema_migrations VALUES(1,'service/1 idempotency keys','13ebe572ebb824d8',0);
INSERT INTO schema_migrations VALUES(2,'customers/1 customers, sessions, wallets and audit','3e7e2552a6530613',0);
INSERT INTO schema_migrations VALUES(3,'inventory/1 products, stock movements, search and categories','16e9577bd1711675',0);
INSERT INTO schema_migrations VALUES(4,'sales/1 orders and reports','1deda6b605d79119',0);
INSERT INTO schema_migrations VALUES(5,'wishlist/1 wishlist items','8cbd05e1b85eb139',0);
INSERT INTO schema_migrations VALUES(6,'reviews/1 reviews, votes, flags and histograms','24907f741f61b5f7',0);
CREATE TABLE idempotency_keys (
    id INTEGER PRIMARY KEY,
    caller_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    request_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT idempotency_keys_caller_id_key_key UNIQUE (caller_id, key)
) STRICT;
INSERT INTO idempotency_keys VALUES(1,1,'first','','1d99661bb9b252ec0996c2adbf7662eb',201,'/sales/1','{"id":1,"username":"ada","status":"paid","items":[{"product_id":1,"name":"pen","unit_price":250,"quantity":2,"refunded_quantity":0}],"total":500,"refunded":0,"currency":"USD","timeline":[{"status":"paid","amount":500,"reason":null,"actor":"ada","at":"2026-11-18T11:06:40.000Z"}],"created_at":"2026-11-18T11:06:40.000Z"}',1795000000000);
CREATE TABLE idempotency_quotas (
    caller_id INTEGER PRIMARY KEY,
    refused_until INTEGER NOT NULL
) STRICT;
CREATE TABLE customers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL CONSTRAINT customers_username_key UNIQUE,
    password_hash TEXT NOT NULL,
    full_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    age INTEGER,
    address TEXT,
    gender TEXT,
    marital_status TEXT,
    role TEXT NOT NULL
        CONSTRAINT customers_role CHECK (role IN ('customer', 'moderator', 'staff', 'admin')),
    status TEXT NOT NULL
        CONSTRAINT customers_status CHECK (status IN ('active', 'suspended', 'erased')),
    balance INTEGER NOT NULL DEFAULT 0
        CONSTRAINT customers_balance CHECK (balance BETWEEN 0 AND 1000000000000000),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO customers VALUES(1,'ada','$argon2id$v=19$m=19456,t=2,p=1$m7Lj0glY9hoDMDnESAcWXQ$ADYwjFdY9J0coVEANAEZGexoC106rHyEFaFYA/lvCNE','Customer ada','customer ada',NULL,NULL,NULL,NULL,'customer','active',95500,0,0);
INSERT INTO customers VALUES(2,'ben','$argon2id$v=19$m=19456,t=2,p=1$m7Lj0glY9hoDMDnESAcWXQ$ADYwjFdY9J0coVEANAEZGexoC106rHyEFaFYA/lvCNE','Customer ben','customer ben',NULL,NULL,NULL,NULL,'customer','active',700,0,0);
INSERT INTO customers VALUES(3,'mona','$argon2id$v=19$m=19456,t=2,p=1$m7Lj0glY9hoDMDnESAcWXQ$ADYwjFdY9J0coVEANAEZGexoC106rHyEFaFYA/lvCNE','Customer mona','customer mona',NULL,NULL,NULL,NULL,'moderator','active',0,0,0);
INSERT INTO customers VALUES(4,'sami','$argon2id$v=19$m=19456,t=2,p=1$m7Lj0glY9hoDMDnESAcWXQ$ADYwjFdY9J0coVEANAEZGexoC106rHyEFaFYA/lvCNE','Customer sami','customer sami',NULL,NULL,NULL,NULL,'staff','active',0,0,0);
INSERT INTO customers VALUES(5,'adil','$argon2id$v=19$m=19456,t=2,p=1$m7Lj0glY9hoDMDnESAcWXQ$ADYwjFdY9J0coVEANAEZGexoC106rHyEFaFYA/lvCNE','Customer adil','customer adil',NULL,NULL,NULL,NULL,'admin','active',0,0,0);
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    ip_address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
INSERT INTO sessions VALUES(1,4,'192.0.2.1','test',1795000000000,1795000000000,1795086400000,NULL);
INSERT INTO sessions VALUES(2,1,'192.0.2.1','test',1795000000000,1795000000000,1795086400000,NULL);
INSERT INTO sessions VALUES(3,3,'192.0.2.1','test',1795000000000,1795000000000,1795086400000,NULL);
INSERT INTO sessions VALUES(4,2,'192.0.2.1','test',1795000000000,1795000000000,1795086400000,NULL);
INSERT INTO sessions VALUES(5,1,'192.0.2.1','',1795000000000,1795000000000,1797592000000,NULL);
CREATE TABLE refresh_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    used_at INTEGER
) STRICT;
INSERT INTO refresh_tokens VALUES('VDTHyCpK9XSfYmmfxsVRed87VINj0H2lbHFK5BJO1Is',5,NULL);
CREATE TABLE login_failures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name_digest TEXT NOT NULL,
    network_digest TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_failed_at INTEGER NOT NULL,
    locked_until INTEGER NOT NULL,
    CONSTRAINT login_failures_name_digest_network_digest_key
        UNIQUE (name_digest, network_digest)
) STRICT;
INSERT INTO login_failures VALUES(1,'kozl3Xlc9Bo-TvNBX1U0FFMTQffp62PhPonvrRKHJts','6BUa9-ge9o3p1hg2nEDC2h17sKf-l2Ai4KaR9bFOM2s',1,1795000000000,0);
INSERT INTO login_failures VALUES(2,'kozl3Xlc9Bo-TvNBX1U0FFMTQffp62PhPonvrRKHJts','',1,1795000000000,0);
CREATE TABLE login_networks (
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    network_digest TEXT NOT NULL,
    last_login_at INTEGER NOT NULL,
    PRIMARY KEY (customer_id, network_digest)
) STRICT;
INSERT INTO login_networks VALUES(1,'GFMgpIUOz3qHfdr69-p9d51gMxm-MHn5ORroYzLuM6c',1795000000000);
CREATE TABLE wallet_entries (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    amount INTEGER NOT NULL CONSTRAINT wallet_entries_amount CHECK (
        amount <> 0 AND amount BETWEEN -1000000000000000 AND 1000000000000000),
    balance_after INTEGER NOT NULL,
    kind TEXT NOT NULL CONSTRAINT wallet_entries_kind CHECK (
        kind = 'credited' OR kind = 'debited' OR kind = 'purchase' OR kind = 'refund'),
    order_id INTEGER,
    actor_id INTEGER NOT NULL REFERENCES customers (id),
    note TEXT,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO wallet_entries VALUES(1,1,100000,100000,'credited',NULL,1,'seed',0);
INSERT INTO wallet_entries VALUES(2,1,-500,99500,'purchase',1,1,NULL,1795000000000);
INSERT INTO wallet_entries VALUES(3,1,-4250,95250,'purchase',2,1,NULL,1795000000000);
INSERT INTO wallet_entries VALUES(4,1,250,95500,'refund',1,4,NULL,1795000000000);
INSERT INTO wallet_entries VALUES(5,2,700,700,'credited',NULL,4,NULL,1795000000000);
CREATE TABLE audit_entries (
    id INTEGER PRIMARY KEY,
    actor_id INTEGER REFERENCES customers (id),
    action TEXT NOT NULL,
    customer_id INTEGER REFERENCES customers (id),
    subject TEXT,
    before_change TEXT,
    after_change TEXT,
    request_id TEXT,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO audit_entries VALUES(1,4,'created_product',NULL,'/inventory/3',NULL,'{"sku":null,"name":"cap","category":"hats","price":1,"low_stock":null,"description":null}','00000000000000000000000000000001',1795000000000);
INSERT INTO audit_entries VALUES(2,4,'archived_product',NULL,'/inventory/3',NULL,NULL,'00000000000000000000000000000001',1795000000000);
INSERT INTO audit_entries VALUES(3,4,'shipped_order',1,'/sales/1','paid','shipped','00000000000000000000000000000001',1795000000000);
INSERT INTO audit_entries VALUES(4,4,'refunded_order',1,'/sales/1',NULL,'250','00000000000000000000000000000001',1795000000000);
INSERT INTO audit_entries VALUES(5,3,'approved_review',1,'/reviews/1','pending','approved','00000000000000000000000000000001',1795000000000);
INSERT INTO audit_entries VALUES(6,4,'credited_wallet',2,NULL,NULL,'700','00000000000000000000000000000001',1795000000000);
CREATE TABLE products (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sku TEXT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    category TEXT NOT NULL,
    price INTEGER NOT NULL CONSTRAINT products_price CHECK (price BETWEEN 0 AND 100000000000),
    stock INTEGER NOT NULL CONSTRAINT products_stock CHECK (stock BETWEEN 0 AND 1000000000),
    low_stock INTEGER,
    rating_sum INTEGER NOT NULL DEFAULT 0,
    rating_count INTEGER NOT NULL DEFAULT 0
        CONSTRAINT products_rating CHECK (rating_sum BETWEEN rating_count AND rating_count * 5),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    archived_at INTEGER,
    description TEXT
) STRICT;
INSERT INTO products VALUES(1,NULL,'pen','penpen','paper',250,8,NULL,4,1,0,0,NULL,NULL);
INSERT INTO products VALUES(2,NULL,'lamp','lamplamp','light',4000,2,NULL,0,0,0,0,NULL,NULL);
INSERT INTO products VALUES(3,NULL,'cap','capcap','hats',1,0,NULL,0,0,1795000000000,1795000000000,1795000000000,NULL);
CREATE TABLE stock_movements (
    id INTEGER PRIMARY KEY,
    product_id INTEGER NOT NULL REFERENCES products (id),
    delta INTEGER NOT NULL CONSTRAINT stock_movements_delta CHECK (
        delta <> 0 AND delta BETWEEN -1000000000 AND 1000000000),
    stock_after INTEGER NOT NULL,
    kind TEXT NOT NULL CONSTRAINT stock_movements_kind CHECK (
        kind = 'received' OR kind = 'adjusted' OR kind = 'sold' OR kind = 'returned'),
    reason TEXT,
    order_id INTEGER,
    actor_id INTEGER NOT NULL REFERENCES customers (id),
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO stock_movements VALUES(1,1,10,10,'received','first stock',NULL,4,0);
INSERT INTO stock_movements VALUES(2,2,3,3,'received','first stock',NULL,4,0);
INSERT INTO stock_movements VALUES(3,1,-2,8,'sold',NULL,1,1,1795000000000);
INSERT INTO stock_movements VALUES(4,1,-1,7,'sold',NULL,2,1,1795000000000);
INSERT INTO stock_movements VALUES(5,2,-1,2,'sold',NULL,2,1,1795000000000);
INSERT INTO stock_movements VALUES(6,1,1,8,'returned',NULL,1,4,1795000000000);
PRAGMA writable_schema=ON;
INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)VALUES('table','product_search','product_search',0,'CREATE VIRTUAL TABLE product_search USING fts5 (
    name, sku, description,
    tokenize = ''ascii'', prefix = ''2 3''
)');
CREATE TABLE IF NOT EXISTS 'product_search_data'(id INTEGER PRIMARY KEY, block BLOB);
INSERT INTO product_search_data VALUES(1,X'02020000');
INSERT INTO product_search_data VALUES(10,X'000000000104040004010101020101030101040101');
INSERT INTO product_search_data VALUES(137438953473,X'0000001d043070656e010202000331706501020200043270656e010202040808');
INSERT INTO product_search_data VALUES(274877906945,X'0000001e05306c616d700202020003316c610202020004326c616d020202040908');
INSERT INTO product_search_data VALUES(412316860417,X'0000001d04306361700302020003316361030202000432636170030202040808');
INSERT INTO product_search_data VALUES(549755813889,X'0000001a04306361700301000331636103010004326361700301040707');
CREATE TABLE IF NOT EXISTS 'product_search_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
INSERT INTO product_search_idx VALUES(1,X'',2);
INSERT INTO product_search_idx VALUES(2,X'',2);
INSERT INTO product_search_idx VALUES(3,X'',2);
INSERT INTO product_search_idx VALUES(4,X'',2);
CREATE TABLE IF NOT EXISTS 'product_search_content'(id INTEGER PRIMARY KEY, c0, c1, c2);
INSERT INTO product_search_content VALUES(1,'pen','','');
INSERT INTO product_search_content VALUES(2,'lamp','','');
CREATE TABLE IF NOT EXISTS 'product_search_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
INSERT INTO product_search_docsize VALUES(1,X'010000');
INSERT INTO product_search_docsize VALUES(2,X'010000');
CREATE TABLE IF NOT EXISTS 'product_search_config'(k PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO product_search_config VALUES('version',4);
CREATE TABLE categories (
    name TEXT NOT NULL PRIMARY KEY,
    products INTEGER NOT NULL CONSTRAINT categories_products CHECK (products >= 0)
) STRICT;
INSERT INTO categories VALUES('paper',1);
INSERT INTO categories VALUES('light',1);
INSERT INTO categories VALUES('hats',0);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    status TEXT NOT NULL CONSTRAINT orders_status CHECK (
        status = 'paid' OR status = 'shipped' OR status = 'delivered'
        OR status = 'cancelled' OR status = 'refunded'),
    total INTEGER NOT NULL
        CONSTRAINT orders_total CHECK (total BETWEEN 0 AND 1000000000000000),
    refunded INTEGER NOT NULL DEFAULT 0
        CONSTRAINT orders_refunded CHECK (refunded BETWEEN 0 AND total),
    currency TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO orders VALUES(1,1,'shipped',500,250,'USD',1795000000000);
INSERT INTO orders VALUES(2,1,'paid',4250,0,'USD',1795000000000);
CREATE TABLE order_lines (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    product_id INTEGER NOT NULL REFERENCES products (id),
    name TEXT NOT NULL,
    unit_price INTEGER NOT NULL
        CONSTRAINT order_lines_unit_price CHECK (unit_price BETWEEN 0 AND 100000000000),
    quantity INTEGER NOT NULL
        CONSTRAINT order_lines_quantity CHECK (quantity BETWEEN 1 AND 1000000),
    refunded_quantity INTEGER NOT NULL DEFAULT 0
        CONSTRAINT order_lines_refunded_quantity
            CHECK (refunded_quantity BETWEEN 0 AND quantity),
    PRIMARY KEY (order_id, product_id)
) STRICT, WITHOUT ROWID;
INSERT INTO order_lines VALUES(1,1,'pen',250,2,1);
INSERT INTO order_lines VALUES(2,1,'pen',250,1,0);
INSERT INTO order_lines VALUES(2,2,'lamp',4000,1,0);
CREATE TABLE order_events (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    status TEXT NOT NULL CONSTRAINT order_events_status CHECK (
        status = 'shipped' OR status = 'delivered' OR status = 'cancelled'
        OR status = 'refunded'),
    amount INTEGER NOT NULL
        CONSTRAINT order_events_amount CHECK (amount BETWEEN 0 AND 1000000000000000),
    reason TEXT,
    actor_id INTEGER NOT NULL REFERENCES customers (id),
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO order_events VALUES(1,1,'shipped',0,NULL,4,1795000000000);
INSERT INTO order_events VALUES(2,1,'refunded',250,'broken',4,1795000000000);
CREATE TABLE sales_by_day (
    day INTEGER PRIMARY KEY,
    orders INTEGER NOT NULL,
    units INTEGER NOT NULL,
    gross INTEGER NOT NULL,
    refunded INTEGER NOT NULL
) STRICT;
INSERT INTO sales_by_day VALUES(20775,0,0,0,250);
CREATE TABLE sales_by_day_and_product (
    day INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES products (id),
    units INTEGER NOT NULL,
    gross INTEGER NOT NULL,
    PRIMARY KEY (day, product_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE counted_orders (last_id INTEGER NOT NULL) STRICT;
INSERT INTO counted_orders VALUES(0);
CREATE TABLE report_zone (name TEXT NOT NULL) STRICT;
INSERT INTO report_zone VALUES('UTC');
CREATE TABLE report_offsets (
    since INTEGER PRIMARY KEY,
    utc_offset INTEGER NOT NULL
) STRICT;
INSERT INTO report_offsets VALUES(-9223372036854775807,0);
CREATE TABLE wishlist_items (
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    product_id INTEGER NOT NULL REFERENCES products (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (customer_id, product_id)
) STRICT;
INSERT INTO wishlist_items VALUES(1,2,1795000000000);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id INTEGER NOT NULL REFERENCES products (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    rating INTEGER NOT NULL CONSTRAINT reviews_rating CHECK (rating BETWEEN 1 AND 5),
    title TEXT,
    comment TEXT,
    status TEXT NOT NULL
        CONSTRAINT reviews_status CHECK (status IN ('pending', 'approved', 'rejected')),
    rejection TEXT,
    verified_purchase INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    helpful INTEGER NOT NULL DEFAULT 0,
    flags INTEGER NOT NULL DEFAULT 0,
    reply TEXT,
    replied_at INTEGER,
    CONSTRAINT reviews_customer_id_product_id_key UNIQUE (customer_id, product_id)
) STRICT;
INSERT INTO reviews VALUES(1,1,1,4,'good',NULL,'approved',NULL,1,1795000000000,1795000000000,1,1,NULL,NULL);
CREATE TABLE review_votes (
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    PRIMARY KEY (review_id, customer_id)
) STRICT;
INSERT INTO review_votes VALUES(1,2);
CREATE TABLE review_flags (
    review_id INTEGER NOT NULL REFERENCES reviews (id),
    customer_id INTEGER NOT NULL REFERENCES customers (id),
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (review_id, customer_id)
) STRICT;
INSERT INTO review_flags VALUES(1,2,'too short',1795000000000);
CREATE TABLE review_histogram (
    product_id INTEGER NOT NULL REFERENCES products (id),
    rating INTEGER NOT NULL,
    reviews INTEGER NOT NULL CONSTRAINT review_histogram_reviews CHECK (reviews >= 0),
    PRIMARY KEY (product_id, rating)
) STRICT;
INSERT INTO review_histogram VALUES(1,4,1);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('customers',5);
INSERT INTO sqlite_sequence VALUES('products',3);
INSERT INTO sqlite_sequence VALUES('sessions',5);
INSERT INTO sqlite_sequence VALUES('reviews',1);
INSERT INTO sqlite_sequence VALUES('login_failures',2);
CREATE INDEX idempotency_keys_by_request ON idempotency_keys (request_id)
    WHERE request_id <> '';
CREATE INDEX idempotency_keys_of_nobody ON idempotency_keys (location)
    WHERE caller_id = 0;
CREATE INDEX customers_by_role ON customers (role, id);
CREATE INDEX customers_by_status ON customers (status, id);
CREATE INDEX customers_by_role_and_status ON customers (role, status, id);
CREATE INDEX customers_by_full_name ON customers (name_key, id);
CREATE INDEX customers_above_by_username ON customers (role, username)
    WHERE role <> 'customer';
CREATE INDEX customers_above_by_full_name ON customers (role, name_key, id)
    WHERE role <> 'customer';
CREATE INDEX customers_suspended_by_username ON customers (status, username)
    WHERE status = 'suspended';
CREATE INDEX customers_suspended_by_full_name ON customers (status, name_key, id)
    WHERE status = 'suspended';
CREATE INDEX sessions_by_customer ON sessions (customer_id, id);
CREATE INDEX sessions_open_by_customer ON sessions (customer_id, last_seen_at, id)
    WHERE ended_at IS NULL;
CREATE INDEX sessions_open_by_expiry ON sessions (expires_at, id)
    WHERE ended_at IS NULL;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE INDEX login_failures_by_age ON login_failures (last_failed_at);
CREATE INDEX login_networks_by_age ON login_networks (customer_id, last_login_at);
CREATE INDEX wallet_entries_by_customer ON wallet_entries (customer_id, id);
CREATE INDEX audit_entries_by_customer ON audit_entries (customer_id, id);
CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, id);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, id)
    WHERE subject IS NOT NULL;
CREATE UNIQUE INDEX products_sku_key ON products (sku) WHERE archived_at IS NULL;
CREATE INDEX products_archived ON products (archived_at, id) WHERE archived_at IS NOT NULL;
CREATE INDEX products_by_name ON products (name_key, id) WHERE archived_at IS NULL;
CREATE INDEX products_by_price ON products (price, id) WHERE archived_at IS NULL;
CREATE INDEX products_by_age ON products (created_at, id) WHERE archived_at IS NULL;
CREATE INDEX products_by_category_name ON products (category, name_key, id) WHERE archived_at IS NULL;
CREATE INDEX products_by_category_price ON products (category, price, id) WHERE archived_at IS NULL;
CREATE INDEX products_by_category_age ON products (category, created_at, id) WHERE archived_at IS NULL;
CREATE INDEX products_low_on_stock ON products (id)
WHERE archived_at IS NULL AND stock <= low_stock;
CREATE INDEX products_out_of_stock ON products (stock, category, id)
WHERE archived_at IS NULL AND stock = 0;
CREATE INDEX stock_movements_by_product ON stock_movements (product_id, id);
CREATE INDEX orders_by_age ON orders (created_at, id);
CREATE INDEX orders_by_customer_age ON orders (customer_id, created_at, id);
CREATE INDEX orders_by_status_age ON orders (status, created_at, id);
CREATE INDEX order_events_by_order ON order_events (order_id, id);
CREATE INDEX reviews_by_age ON reviews (status, created_at, id);
CREATE INDEX reviews_by_rating ON reviews (status, rating, id);
CREATE INDEX reviews_by_helpful ON reviews (status, helpful, id);
CREATE INDEX reviews_by_product_age ON reviews (product_id, status, created_at, id);
CREATE INDEX reviews_by_product_rating ON reviews (product_id, status, rating, id);
CREATE INDEX reviews_by_product_helpful ON reviews (product_id, status, helpful, id);
CREATE INDEX reviews_by_customer_age ON reviews (customer_id, status, created_at, id);
CREATE INDEX reviews_by_customer_rating ON reviews (customer_id, status, rating, id);
CREATE INDEX reviews_by_customer_helpful ON reviews (customer_id, status, helpful, id);
CREATE INDEX reviews_by_rating_age ON reviews (status, rating, created_at, id);
CREATE INDEX reviews_by_rating_helpful ON reviews (status, rating, helpful, id);
CREATE INDEX reviews_flagged ON reviews (created_at, id) WHERE flags > 0;
CREATE INDEX reviews_flagged_by_rating ON reviews (rating, id) WHERE flags > 0;
CREATE INDEX reviews_flagged_by_helpful ON reviews (helpful, id) WHERE flags > 0;
CREATE INDEX review_votes_by_customer ON review_votes (customer_id);
CREATE INDEX review_flags_by_customer ON review_flags (customer_id, created_at);
CREATE INDEX review_flags_by_review_age
ON review_flags (review_id, created_at, customer_id);
PRAGMA writable_schema=OFF;
COMMIT;

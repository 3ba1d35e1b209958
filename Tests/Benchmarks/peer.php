<?php
// A shop in PHP below /php: the same operations as Souk, with the same checks, rows and durability. bench.sh starts it and
// sends the requests, and bench-postgres.sh on PostgreSQL. DATABASE and SECRET come from the pool's environment.
declare(strict_types=1);

const COLUMNS = 'id, name, category, sku, description, price, stock, low_stock, rating_sum, rating_count, created_at, updated_at, archived_at,
    weight_g, requires_shipping, tax_class';
const DAY_MS = 86_400_000;
const ORDERS_PER_COUNT = 512;
const ORDERS_PER_LOOK = 64;

final class Problem extends Exception
{
    public function __construct(public readonly int $status, string $code)
    {
        parent::__construct($code);
    }
}

/** The connection stays open between the requests of a process. */
function database(): PDO
{
    // A statement of PDO ends with the request, so preparing it on a server would cost two more round trips.
    $server = isOnServer() ? [PDO::PGSQL_ATTR_DISABLE_PREPARES => true] : [];
    return new PDO(getenv('DATABASE'), options: $server + [
        PDO::ATTR_PERSISTENT => true,
        PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
        PDO::ATTR_TIMEOUT => 5,
    ]);
}

function isOnServer(): bool
{
    return str_starts_with(getenv('DATABASE'), 'pgsql:');
}

/** The lock of what a transaction reads and then decides on. SQLite has one writer at a time. */
function locking(string $lock): string
{
    return isOnServer() ? "FOR $lock" : '';
}

function run(PDO $db, string $sql, array $values = []): PDOStatement
{
    $statement = $db->prepare($sql);
    $statement->execute($values);
    return $statement;
}

function now(): int
{
    return (int) (microtime(true) * 1000);
}

function rfc3339(int $ms): string
{
    return gmdate('Y-m-d\TH:i:s', intdiv($ms, 1000)) . sprintf('.%03dZ', $ms % 1000);
}

function answer(int $status, array $body): void
{
    http_response_code($status);
    header('Content-Type: application/json');
    $json = json_encode($body, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);
    header('Content-Length: ' . strlen($json));
    echo $json;
}

function product(array $row): array
{
    return [
        'id' => $row['id'], 'name' => $row['name'], 'category' => $row['category'], 'sku' => $row['sku'],
        'description' => $row['description'], 'price' => $row['price'], 'currency' => 'USD',
        'availability' => $row['stock'] === 0 ? 'out_of_stock' : ($row['stock'] <= ($row['low_stock'] ?? 0) ? 'low' : 'in_stock'),
        'weight_g' => $row['weight_g'], 'requires_shipping' => $row['requires_shipping'] === 1, 'tax_class' => $row['tax_class'],
        'rating' => [
            'average' => $row['rating_count'] === 0 ? null : round($row['rating_sum'] / $row['rating_count'], 2),
            'count' => $row['rating_count'],
        ],
        'created_at' => rfc3339($row['created_at']), 'updated_at' => rfc3339($row['updated_at']),
        'archived_at' => $row['archived_at'] === null ? null : rfc3339($row['archived_at']),
    ];
}

function showProduct(PDO $db, int $id): void
{
    $row = run($db, 'SELECT ' . COLUMNS . ' FROM products WHERE id = ? AND archived_at IS NULL', [$id])->fetch();
    answer(200, product($row ?: throw new Problem(404, 'product_not_found')));
}

function listProducts(PDO $db): void
{
    $limit = (int) ($_GET['limit'] ?? 20);
    $rows = run($db, 'SELECT ' . COLUMNS . ' FROM products WHERE archived_at IS NULL
        ORDER BY created_at DESC, id DESC LIMIT ?', [$limit + 1])->fetchAll();
    $shown = array_slice($rows, 0, $limit);
    $last = end($shown);
    $next = count($rows) > $limit ? base64_encode(json_encode([$last['created_at'], $last['id']])) : null;
    answer(200, ['data' => array_map(product(...), $shown), 'next' => $next]);
}

function decode(string $text): string
{
    return base64_decode(strtr($text, '-_', '+/'), true) ?: throw new Problem(401, 'token_invalid');
}

/** The customer of a bearer token (RFC 7519, HS256), if the session is active. */
function caller(PDO $db, string $authorization, string $lock = ''): array
{
    $parts = explode('.', substr($authorization, strlen('Bearer ')));
    if (!str_starts_with($authorization, 'Bearer ') || count($parts) !== 3) {
        throw new Problem(401, 'token_invalid');
    }
    $header = json_decode(decode($parts[0]), true);
    $signature = hash_hmac('sha256', "$parts[0].$parts[1]", getenv('SECRET'), true);
    if (($header['alg'] ?? '') !== 'HS256' || !hash_equals($signature, decode($parts[2]))) {
        throw new Problem(401, 'token_invalid');
    }
    $claims = json_decode(decode($parts[1]), true);
    if (($claims['iss'] ?? '') !== 'souk' || ($claims['exp'] ?? 0) <= time()) {
        throw new Problem(401, 'token_expired');
    }
    return run($db, "SELECT customers.id, customers.username, customers.role
        FROM sessions JOIN customers ON customers.id = sessions.customer_id
        WHERE sessions.id = ? AND sessions.customer_id = ? AND sessions.ended_at IS NULL AND customers.status = 'active' $lock",
        [(int) $claims['sid'], (int) $claims['sub']])->fetch() ?: throw new Problem(401, 'session_ended');
}

function begin(PDO $db): void
{
    if (isOnServer()) {
        $db->exec('BEGIN');
        return;
    }
    // Foreign keys are off by default; FULL is SQLite's default.
    $db->exec('PRAGMA foreign_keys = ON');
    $db->exec('BEGIN IMMEDIATE');
}

/** The stored response for this key, or the one of a new order, in one transaction. */
function sell(PDO $db): void
{
    $body = file_get_contents('php://input');
    $order = json_decode($body, true, flags: JSON_THROW_ON_ERROR);
    $key = $_SERVER['HTTP_IDEMPOTENCY_KEY'] ?? '';
    $fingerprint = md5("/sales\n$body");
    begin($db);
    try {
        $buyer = caller($db, $_SERVER['HTTP_AUTHORIZATION'] ?? '', locking('KEY SHARE OF customers, sessions'));
        $known = run($db, 'SELECT fingerprint, body FROM idempotency_keys WHERE caller_id = ? AND key = ? AND created_at > ? '
            . locking('UPDATE'), [$buyer['id'], $key, now() - DAY_MS])->fetch();
        if ($known && $known['fingerprint'] !== $fingerprint) {
            throw new Problem(422, 'idempotency_key_reused');
        }
        $sale = $known ? json_decode($known['body'], true) : sale($db, $buyer, $order['items'], now());
        if (!$known) {
            remember($db, $buyer['id'], $key, $fingerprint, $sale);
        }
        $db->exec('COMMIT');
    } catch (Throwable $fault) {
        $db->exec('ROLLBACK');
        throw $fault;
    }
    header("Location: /sales/{$sale['id']}");
    answer(201, $sale);
}

function sale(PDO $db, array $buyer, array $items, int $now): array
{
    $total = 0;
    $lines = [];
    foreach ($items as ['product_id' => $id, 'quantity' => $quantity]) {
        $taken = run($db, 'UPDATE products SET stock = stock - ? WHERE id = ? AND stock >= ? AND archived_at IS NULL
            RETURNING name, sku, price, stock', [$quantity, $id, $quantity])->fetch() ?: throw new Problem(409, 'insufficient_stock');
        $total += $taken['price'] * $quantity;
        $lines[] = ['product_id' => $id, 'sku' => $taken['sku'], 'name' => $taken['name'], 'unit_price' => $taken['price'],
            'quantity' => $quantity, 'discount' => 0, 'tax' => 0, 'tax_rate' => 0, 'total' => $taken['price'] * $quantity,
            'shipped_quantity' => 0, 'refunded_quantity' => 0, 'returned_quantity' => 0, 'stock' => $taken['stock']];
    }
    // Without shipping methods, an order needs none.
    if (run($db, 'SELECT id FROM shipping_methods WHERE archived_at IS NULL AND id > 0 LIMIT 1')->fetch()) {
        throw new Problem(422, 'invalid_request');
    }
    // On a server, lastInsertId() is a statement of its own.
    $id = isOnServer() ? 'RETURNING id' : '';
    $inserted = run($db, "INSERT INTO orders (customer_id, status, payment_status, subtotal, total, currency, paid_at,
            created_at)
        VALUES (?, 'paid', 'paid', ?, ?, 'USD', ?, ?) $id", [$buyer['id'], $total, $total, $now, $now]);
    $order = isOnServer() ? $inserted->fetchColumn() : (int) $db->lastInsertId();
    foreach ($lines as &$line) {
        enterLine($db, $order, $buyer['id'], $line, $now);
        unset($line['stock']);
    }
    pay($db, $buyer['id'], $total, $order, $now);
    run($db, 'INSERT INTO uncounted_orders (order_id) VALUES (?)', [$order]);
    if ($order % ORDERS_PER_LOOK === 0) {
        countOrders($db);
    }
    $sale = saleOf($order, $buyer['username'], $lines, $total, rfc3339($now));
    run($db, "INSERT INTO outbox (type, next_type, subject, data, customer_id, actor_id, created_at)
        VALUES ('order.created', 'order.paid', ?, ?, ?, ?, ?)",
        ["/sales/$order", json_encode($sale), $buyer['id'], $buyer['id'], $now]);
    return $sale;
}

function saleOf(int $order, string $buyer, array $lines, int $total, string $time): array
{
    return ['id' => $order, 'number' => (string) $order, 'username' => $buyer, 'email' => null, 'status' => 'paid',
        'payment_status' => 'paid', 'fulfillment_status' => 'unfulfilled', 'payment_method' => 'wallet', 'hold_until' => null,
        'items' => $lines, 'subtotal' => $total, 'discount' => 0, 'shipping' => 0, 'tax' => 0, 'tax_included' => true,
        'total' => $total, 'gift_card_amount' => 0, 'due' => 0, 'refunded' => 0, 'currency' => 'USD', 'currency_exponent' => 2,
        'coupon' => null, 'shipping_method' => null, 'shipping_address' => null, 'billing_address' => null, 'note' => null,
        'shipments' => [], 'payments' => [], 'returns' => [],
        'timeline' => [['status' => 'paid', 'amount' => $total, 'reason' => null, 'actor' => $buyer, 'at' => $time]],
        'created_at' => $time, 'delivered_at' => null];
}

/** The line, and its movement in the stock ledger. */
function enterLine(PDO $db, int $order, int $buyer, array $line, int $now): void
{
    run($db, 'INSERT INTO order_lines (order_id, product_id, name, unit_price, quantity) VALUES (?, ?, ?, ?, ?)',
        [$order, $line['product_id'], $line['name'], $line['unit_price'], $line['quantity']]);
    run($db, "INSERT INTO stock_movements (product_id, delta, stock_after, kind, order_id, actor_id, created_at)
        VALUES (?, ?, ?, 'sold', ?, ?, ?)", [$line['product_id'], -$line['quantity'], $line['stock'], $order, $buyer, $now]);
}

/** Adds the orders of the queue to the sums of their days, if there are some hundred. */
function countOrders(PDO $db): void
{
    $orders = run($db, 'SELECT order_id FROM uncounted_orders ORDER BY order_id LIMIT ' . ORDERS_PER_COUNT . ' '
        . locking('UPDATE SKIP LOCKED'))->fetchAll(PDO::FETCH_COLUMN);
    if (count($orders) < ORDERS_PER_COUNT) {
        return;
    }
    $day = 'created_at / ' . DAY_MS;
    $new = 'WHERE orders.id IN (' . implode(',', $orders) . ')';
    run($db, "INSERT INTO sales_by_day (day, orders, units, gross, refunded)
        SELECT $day, COUNT(*), SUM((SELECT SUM(quantity) FROM order_lines WHERE order_id = orders.id)), SUM(total), 0
        FROM orders $new GROUP BY 1
        ON CONFLICT (day) DO UPDATE SET orders = sales_by_day.orders + excluded.orders,
            units = sales_by_day.units + excluded.units, gross = sales_by_day.gross + excluded.gross");
    run($db, "INSERT INTO sales_by_day_and_product (day, product_id, units, gross)
        SELECT $day, product_id, SUM(quantity), SUM(quantity * unit_price)
        FROM orders JOIN order_lines ON order_id = orders.id $new GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (day, product_id) DO UPDATE SET units = sales_by_day_and_product.units + excluded.units,
            gross = sales_by_day_and_product.gross + excluded.gross");
    run($db, 'DELETE FROM uncounted_orders WHERE order_id IN (' . implode(',', $orders) . ')');
}

function pay(PDO $db, int $buyer, int $total, int $order, int $now): void
{
    $balance = run($db, 'UPDATE customers SET balance = balance - ? WHERE id = ? AND balance >= ? RETURNING balance',
        [$total, $buyer, $total])->fetchColumn();
    if ($balance === false) {
        throw new Problem(409, 'insufficient_funds');
    }
    run($db, "INSERT INTO wallet_entries (customer_id, amount, balance_after, kind, order_id, actor_id, created_at)
        VALUES (?, ?, ?, 'purchase', ?, ?, ?)", [$buyer, -$total, $balance, $order, $buyer, $now]);
}

function remember(PDO $db, int $buyer, string $key, string $fingerprint, array $sale): void
{
    run($db, 'INSERT INTO idempotency_keys (caller_id, key, request_id, fingerprint, status, location, body, created_at)
        VALUES (?, ?, ?, ?, 201, ?, ?, ?)',
        [$buyer, $key, $_SERVER['REQUEST_ID'], $fingerprint, "/sales/{$sale['id']}", json_encode($sale), now()]);
}

try {
    $db = database();
    $path = strtok($_SERVER['REQUEST_URI'], '?');
    parse_str((string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_QUERY), $_GET);
    if ($path === '/php/sales') {
        sell($db);
    } else {
        if (isset($_SERVER['HTTP_AUTHORIZATION'])) {
            caller($db, $_SERVER['HTTP_AUTHORIZATION']);
        }
        if ($path === '/php/inventory') {
            listProducts($db);
        } else {
            showProduct($db, (int) substr($path, strlen('/php/inventory/')));
        }
    }
} catch (Problem $problem) {
    answer($problem->status, ['status' => $problem->status, 'code' => $problem->getMessage()]);
} catch (PDOException $fault) {
    error_log((string) $fault);
    answer(503, ['status' => 503, 'code' => 'unavailable']);
}

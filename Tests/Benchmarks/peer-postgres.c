/* PostgreSQL in the C peer: each thread has a connection. An order runs the statements that Souk runs for it. */
#include "peer.h"
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *address;

/* The connection is always in pipeline mode: `queue` adds a statement, `last` sends all and returns the last result. */
struct reader {
    PGconn *connection;
    int queued;
    /* Whether each statement waits for its result. */
    bool waits;
    bool failed;
};

static const struct {
    const char *name, *sql;
} statements[] = {
    {"product", "SELECT " COLUMNS "FROM products WHERE id = $1::bigint AND archived_at IS NULL"},
    {"page", "SELECT " COLUMNS "FROM products WHERE archived_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $1::bigint"},
    {"begin", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"},
    {"commit", "COMMIT"},
    {"rollback", "ROLLBACK"},
    {"caller", "SELECT customers.username, customers.role FROM sessions JOIN customers ON customers.id = sessions.customer_id "
               "WHERE sessions.customer_id = $1::bigint AND sessions.ended_at IS NULL AND customers.status = 'active' "
               "LIMIT 1 FOR KEY SHARE OF sessions, customers"},
    {"known", "SELECT id, fingerprint, status, location, body, created_at FROM idempotency_keys "
              "WHERE caller_id = $1::bigint AND key = $2 FOR UPDATE OF idempotency_keys"},
    {"take", "UPDATE products SET stock = stock - $1::bigint WHERE id = $2::bigint AND stock >= $1::bigint "
             "AND archived_at IS NULL RETURNING name, price, stock, sku"},
    {"ships", "SELECT id FROM shipping_methods WHERE archived_at IS NULL AND id > 0 LIMIT 1"},
    {"order", "INSERT INTO orders (customer_id, status, payment_status, subtotal, total, currency, paid_at, created_at) "
              "VALUES ($1::bigint, 'paid', 'paid', $2::bigint, $2::bigint, 'USD', $3::bigint, $3::bigint) RETURNING id"},
    {"line", "INSERT INTO order_lines (order_id, product_id, name, unit_price, quantity) "
             "VALUES ($1::bigint, $2::bigint, $3, $4::bigint, $5::bigint)"},
    {"movement", "INSERT INTO stock_movements (product_id, delta, stock_after, kind, order_id, actor_id, created_at) "
                 "VALUES ($1::bigint, -$2::bigint, $3::bigint, 'sold', $4::bigint, $5::bigint, $6::bigint)"},
    {"pay", "UPDATE customers SET balance = balance - $1::bigint WHERE id = $2::bigint AND balance >= $1::bigint "
            "RETURNING balance"},
    {"entry", "INSERT INTO wallet_entries (customer_id, amount, balance_after, kind, order_id, actor_id, created_at) "
              "VALUES ($1::bigint, -$2::bigint, $3::bigint, 'purchase', $4::bigint, $1::bigint, $5::bigint)"},
    {"uncounted", "INSERT INTO uncounted_orders (order_id) VALUES ($1::bigint)"},
    {"publish", "INSERT INTO outbox (type, next_type, subject, data, customer_id, actor_id, created_at) "
                "VALUES ('order.created', 'order.paid', '/sales/' || $1::bigint, $2, $3::bigint, $3::bigint, $4::bigint)"},
    {"remember", "INSERT INTO idempotency_keys (caller_id, key, request_id, fingerprint, status, location, body, created_at) "
                 "VALUES ($1::bigint, $2, '', '0123456789abcdef0123456789abcdef', 201, '/sales/' || $3::bigint, $4, $5::bigint)"},
};

static void fail(PGconn *connection, const char *what) {
    fprintf(stderr, "%s: %s\n", what, PQerrorMessage(connection));
    exit(1);
}

void open_till(const char *given) { address = given; }

struct reader *open_reader(void) {
    struct reader *reader = calloc(1, sizeof *reader);
    PGconn *connection = reader->connection = PQconnectdb(address);
    if (PQstatus(connection) != CONNECTION_OK) fail(connection, address);
    for (size_t number = 0; number < sizeof statements / sizeof *statements; number++) {
        PGresult *result = PQprepare(connection, statements[number].name, statements[number].sql, 0, NULL);
        if (PQresultStatus(result) != PGRES_COMMAND_OK) fail(connection, statements[number].name);
        PQclear(result);
    }
    if (PQenterPipelineMode(connection) != 1) fail(connection, "pipeline");
    return reader;
}

/* Reads the results of what was queued and returns the last one. */
static PGresult *last(struct reader *reader) {
    PGconn *connection = reader->connection;
    if (PQsendFlushRequest(connection) != 1 || PQflush(connection) < 0) fail(connection, "flush");
    PGresult *kept = NULL;
    for (; reader->queued > 0; reader->queued--) {
        PQclear(kept);
        kept = PQgetResult(connection);
        ExecStatusType status = PQresultStatus(kept);
        if (status == PGRES_FATAL_ERROR) fprintf(stderr, "%s\n", PQresultErrorMessage(kept));
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) reader->failed = true;
        while (kept) {
            PGresult *more = PQgetResult(connection);
            if (!more) break;
            PQclear(more);
        }
    }
    return kept;
}

/* Ends the pipeline's transaction, or what failed in it. */
static void sync(struct reader *reader) {
    if (PQpipelineSync(reader->connection) != 1) fail(reader->connection, "sync");
    PGresult *result;
    while ((result = PQgetResult(reader->connection)) == NULL) continue;
    PQclear(result);
}

/* Adds a statement; `types` has a letter for each parameter: i for int64_t, s for a text. */
static void add(struct reader *reader, const char *name, const char *types, va_list given) {
    const char *values[8];
    char numbers[8][24];
    int count = 0;
    for (; types[count]; count++) {
        if (types[count] == 's') {
            values[count] = va_arg(given, const char *);
        } else {
            snprintf(numbers[count], sizeof *numbers, "%" PRId64, va_arg(given, int64_t));
            values[count] = numbers[count];
        }
    }
    if (PQsendQueryPrepared(reader->connection, name, count, values, NULL, NULL, 0) != 1) fail(reader->connection, name);
    reader->queued++;
}

/* Runs a statement whose result is not needed. */
static void run(struct reader *reader, const char *name, const char *types, ...) {
    va_list given;
    va_start(given, types);
    add(reader, name, types, given);
    va_end(given);
    if (reader->waits) PQclear(last(reader));
}

/* Runs a statement and returns its result. */
static PGresult *ask(struct reader *reader, const char *name, const char *types, ...) {
    va_list given;
    va_start(given, types);
    add(reader, name, types, given);
    va_end(given);
    return last(reader);
}

static int64_t number(PGresult *result, int row, int column) { return atoll(PQgetvalue(result, row, column)); }

static const char *text(PGresult *result, int row, int column) {
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

/* Reading: one statement in a transaction of its own, which the sync ends. */

static bool show_rows(struct reader *reader, const char *name, int64_t value, show *show, void *to) {
    PGresult *rows = ask(reader, name, "i", value);
    int count = PQntuples(rows);
    for (int row = 0; row < count; row++) {
        struct product product = {
            .id = number(rows, row, 0),
            .name = text(rows, row, 1),
            .category = text(rows, row, 2),
            .sku = text(rows, row, 3),
            .description = text(rows, row, 4),
            .price = number(rows, row, 5),
            .stock = number(rows, row, 6),
            .low_stock = number(rows, row, 7),
            .rating_sum = number(rows, row, 8),
            .rating_count = number(rows, row, 9),
            .created_at = number(rows, row, 10),
            .updated_at = number(rows, row, 11),
            .is_archived = !PQgetisnull(rows, row, 12),
            .archived_at = number(rows, row, 12),
            .weight_g = number(rows, row, 13),
            .requires_shipping = number(rows, row, 14),
            .tax_class = text(rows, row, 15),
        };
        if (!show(to, &product)) break;
    }
    PQclear(rows);
    sync(reader);
    return count > 0;
}

bool read_product(struct reader *reader, int64_t id, show *show, void *to) {
    return show_rows(reader, "product", id, show, to);
}

void read_page(struct reader *reader, int64_t count, show *show, void *to) {
    show_rows(reader, "page", count, show, to);
}

/* Writing. */

/* Takes the product and writes the order; returns its total, or -1. */
static int64_t sell(struct reader *reader, struct sale *sale) {
    int64_t total = -1, stock = 0;
    PGresult *row = ask(reader, "take", "ii", sale->quantity, sale->product);
    if (PQntuples(row) == 1) {
        snprintf(sale->name, sizeof sale->name, "%s", PQgetvalue(row, 0, 0));
        sale->price = number(row, 0, 1);
        stock = number(row, 0, 2);
        sale->has_sku = !PQgetisnull(row, 0, 3);
        if (sale->has_sku) snprintf(sale->sku, sizeof sale->sku, "%s", PQgetvalue(row, 0, 3));
        total = sale->price * sale->quantity;
    }
    PQclear(row);
    row = ask(reader, "ships", "");
    if (PQntuples(row) > 0) total = -1;
    PQclear(row);
    if (total < 0) return total;
    row = ask(reader, "order", "iii", sale->customer, total, sale->time);
    if (PQntuples(row) == 1) sale->id = number(row, 0, 0);
    PQclear(row);
    run(reader, "line", "iisii", sale->id, sale->product, sale->name, sale->price, sale->quantity);
    run(reader, "movement", "iiiiii", sale->product, sale->quantity, stock, sale->id, sale->customer, sale->time);
    return total;
}

static bool pay(struct reader *reader, struct sale *sale, int64_t total) {
    PGresult *row = ask(reader, "pay", "ii", total, sale->customer);
    bool paid = PQntuples(row) == 1;
    int64_t balance = paid ? number(row, 0, 0) : 0;
    PQclear(row);
    if (!paid) return false;
    run(reader, "entry", "iiiii", sale->customer, total, balance, sale->id, sale->time);
    run(reader, "uncounted", "i", sale->id);
    run(reader, "publish", "isii", sale->id, answer_of(sale), sale->customer, sale->time);
    run(reader, "remember", "isisi", sale->customer, sale->key, sale->id, answer_of(sale), sale->time);
    return true;
}

static void sell_once(struct reader *reader, struct sale *sale) {
    reader->failed = false;
    run(reader, "begin", "");
    PGresult *row = ask(reader, "caller", "i", sale->customer);
    if (PQntuples(row) == 1) snprintf(sale->username, sizeof sale->username, "%s", PQgetvalue(row, 0, 0));
    PQclear(row);
    row = ask(reader, "known", "is", sale->customer, sale->key);
    bool is_new = PQntuples(row) == 0;
    PQclear(row);
    int64_t total = is_new ? sell(reader, sale) : -1;
    sale->sold = total >= 0 && pay(reader, sale, total);
    if (reader->failed) {
        sync(reader);
        reader->failed = false;
        sale->sold = false;
    }
    PQclear(ask(reader, sale->sold ? "commit" : "rollback", ""));
    sale->sold = sale->sold && !reader->failed;
    sync(reader);
}

void sell_alone(struct reader *reader, struct sale *sale) {
    reader->waits = true;
    sell_once(reader, sale);
}

void sell_together(struct reader *reader, struct sale *sale) {
    reader->waits = false;
    sell_once(reader, sale);
}

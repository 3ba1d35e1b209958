/* SQLite in the C peer. For orders one connection writes, for the thread that holds the lock. */
#include "peer.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static const char *path;

static sqlite3 *open_database(void) {
    sqlite3 *database;
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) die(path);
    sqlite3_busy_timeout(database, 5000);
    const char *settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                           "PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY";
    if (sqlite3_exec(database, settings, NULL, NULL, NULL) != SQLITE_OK) die("settings");
    return database;
}

static sqlite3_stmt *prepare(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(database));
        exit(1);
    }
    return statement;
}

/* Reading. */

struct reader {
    sqlite3_stmt *product, *page;
};

struct reader *open_reader(void) {
    sqlite3 *database = open_database();
    struct reader *reader = malloc(sizeof *reader);
    reader->product = prepare(database, "SELECT " COLUMNS "FROM products WHERE id = ?1 AND archived_at IS NULL");
    reader->page = prepare(database, "SELECT " COLUMNS "FROM products WHERE archived_at IS NULL "
                                     "ORDER BY created_at DESC, id DESC LIMIT ?1");
    return reader;
}

static struct product row_of(sqlite3_stmt *row) {
    return (struct product){
        .id = sqlite3_column_int64(row, 0),
        .name = (const char *)sqlite3_column_text(row, 1),
        .category = (const char *)sqlite3_column_text(row, 2),
        .sku = (const char *)sqlite3_column_text(row, 3),
        .description = (const char *)sqlite3_column_text(row, 4),
        .price = sqlite3_column_int64(row, 5),
        .stock = sqlite3_column_int64(row, 6),
        .low_stock = sqlite3_column_int64(row, 7),
        .rating_sum = sqlite3_column_int64(row, 8),
        .rating_count = sqlite3_column_int64(row, 9),
        .created_at = sqlite3_column_int64(row, 10),
        .updated_at = sqlite3_column_int64(row, 11),
        .is_archived = sqlite3_column_type(row, 12) != SQLITE_NULL,
        .archived_at = sqlite3_column_int64(row, 12),
        .weight_g = sqlite3_column_int64(row, 13),
        .requires_shipping = sqlite3_column_int64(row, 14),
        .tax_class = (const char *)sqlite3_column_text(row, 15),
    };
}

static bool show_rows(sqlite3_stmt *statement, int64_t value, show *show, void *to) {
    sqlite3_bind_int64(statement, 1, value);
    bool found = false;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        found = true;
        struct product product = row_of(statement);
        if (!show(to, &product)) break;
    }
    sqlite3_reset(statement);
    return found;
}

bool read_product(struct reader *reader, int64_t id, show *show, void *to) {
    return show_rows(reader->product, id, show, to);
}

void read_page(struct reader *reader, int64_t count, show *show, void *to) {
    show_rows(reader->page, count, show, to);
}

/* Writing. */

static struct {
    pthread_mutex_t lock;
    sqlite3 *database;
    sqlite3_stmt *begin, *commit, *rollback, *savepoint, *undo, *release, *take, *pay, *order, *line;
} writer = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* A thread that waits for the next COMMIT. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct sale *first;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER, .arrived = PTHREAD_COND_INITIALIZER};

static bool run(sqlite3_stmt *statement) {
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW;
}

/* Stock, wallet, order and line, within a transaction. */
static bool sell(struct sale *sale) {
    sqlite3_bind_int64(writer.take, 1, sale->quantity);
    sqlite3_bind_int64(writer.take, 2, sale->product);
    bool taken = sqlite3_step(writer.take) == SQLITE_ROW;
    if (taken) {
        snprintf(sale->name, sizeof sale->name, "%s", (const char *)sqlite3_column_text(writer.take, 0));
        sale->price = sqlite3_column_int64(writer.take, 1);
        sale->has_sku = sqlite3_column_type(writer.take, 2) != SQLITE_NULL;
        if (sale->has_sku) snprintf(sale->sku, sizeof sale->sku, "%s", (const char *)sqlite3_column_text(writer.take, 2));
    }
    sqlite3_reset(writer.take);
    sqlite3_bind_int64(writer.pay, 1, sale->price * sale->quantity);
    sqlite3_bind_int64(writer.pay, 2, sale->customer);
    bool paid = taken && sqlite3_step(writer.pay) == SQLITE_ROW;
    if (paid) snprintf(sale->username, sizeof sale->username, "%s", (const char *)sqlite3_column_text(writer.pay, 0));
    sqlite3_reset(writer.pay);
    if (!paid) return false;
    sqlite3_bind_int64(writer.order, 1, sale->customer);
    sqlite3_bind_int64(writer.order, 2, sale->price * sale->quantity);
    sqlite3_bind_int64(writer.order, 3, sale->time);
    if (!run(writer.order)) return false;
    sale->id = sqlite3_last_insert_rowid(writer.database);
    sqlite3_bind_int64(writer.line, 1, sale->id);
    sqlite3_bind_int64(writer.line, 2, sale->product);
    sqlite3_bind_text(writer.line, 3, sale->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(writer.line, 4, sale->price);
    sqlite3_bind_int64(writer.line, 5, sale->quantity);
    return run(writer.line);
}

void sell_alone(struct reader *unused, struct sale *sale) {
    (void)unused;
    pthread_mutex_lock(&writer.lock);
    sale->sold = run(writer.begin) && sell(sale) && run(writer.commit);
    if (!sale->sold) run(writer.rollback);
    pthread_mutex_unlock(&writer.lock);
}

void sell_together(struct reader *unused, struct sale *sale) {
    (void)unused;
    sem_init(&sale->done, 0, 0);
    pthread_mutex_lock(&queue.lock);
    sale->next = queue.first;
    queue.first = sale;
    pthread_cond_signal(&queue.arrived);
    pthread_mutex_unlock(&queue.lock);
    while (sem_wait(&sale->done) != 0) continue;
    sem_destroy(&sale->done);
}

/* One COMMIT for all requests that arrived during the previous one. */
static void *commit_for_all(void *unused) {
    for (;;) {
        pthread_mutex_lock(&queue.lock);
        while (!queue.first) pthread_cond_wait(&queue.arrived, &queue.lock);
        struct sale *batch = queue.first;
        queue.first = NULL;
        pthread_mutex_unlock(&queue.lock);
        pthread_mutex_lock(&writer.lock);
        bool begun = run(writer.begin);
        for (struct sale *sale = batch; sale; sale = sale->next) {
            run(writer.savepoint);
            sale->sold = sell(sale);
            if (!sale->sold) run(writer.undo);
            run(writer.release);
        }
        bool durable = begun && run(writer.commit);
        if (!durable) run(writer.rollback);
        pthread_mutex_unlock(&writer.lock);
        for (struct sale *sale = batch, *next; sale; sale = next) {
            next = sale->next;
            sale->sold = sale->sold && durable;
            sem_post(&sale->done);
        }
    }
    return unused;
}

void open_till(const char *address) {
    path = address;
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3 *database = writer.database = open_database();
    writer.begin = prepare(database, "BEGIN IMMEDIATE");
    writer.commit = prepare(database, "COMMIT");
    writer.rollback = prepare(database, "ROLLBACK");
    writer.savepoint = prepare(database, "SAVEPOINT sale");
    writer.undo = prepare(database, "ROLLBACK TO sale");
    writer.release = prepare(database, "RELEASE sale");
    writer.take = prepare(database, "UPDATE products SET stock = stock - ?1 WHERE id = ?2 AND stock >= ?1 "
                                    "AND archived_at IS NULL RETURNING name, price, sku");
    writer.pay = prepare(database, "UPDATE customers SET balance = balance - ?1 WHERE id = ?2 AND balance >= ?1 "
                                   "RETURNING username");
    writer.order = prepare(database, "INSERT INTO orders (customer_id, status, payment_status, subtotal, total, "
                                     "currency, paid_at, created_at) "
                                     "VALUES (?1, 'paid', 'paid', ?2, ?2, 'USD', ?3, ?3)");
    writer.line = prepare(database, "INSERT INTO order_lines (order_id, product_id, name, unit_price, quantity) "
                                    "VALUES (?1, ?2, ?3, ?4, ?5)");
    pthread_t thread;
    if (pthread_create(&thread, NULL, commit_for_all, NULL) != 0) abort();
}

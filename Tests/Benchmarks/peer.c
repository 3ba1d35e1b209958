/* usage: peer SOCKET DATABASE
 *
 * A minimal shop in C, with which Souk is compared. It serves a constant, a product, a page of 20 and a purchase with libfcgi
 * and libsqlite3 or libpq, prepared statements, and JSON by printf. It trusts its callers: no token, no validation, no ETag,
 * and on SQLite no idempotency key and no ledger. bench.sh and bench-postgres.sh start it and send the requests.
 *
 *     GET  /c/constant                 bytes that need no database
 *     GET  /c/inventory/7              a product
 *     GET  /c/inventory?limit=20       the newest products
 *     POST /c/sales?customer=3         a purchase of one line with a COMMIT of its own
 *     POST /c/group/sales?customer=3   the same, with one COMMIT for all that wait, or on PostgreSQL pipelined
 */
#include "peer.h"
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct text {
    int length;
    char bytes[1 << 16];
};

/* The size of a product. */
static const char constant[] =
    "{\"id\":8,\"name\":\"brass clock 8\",\"category\":\"clocks\",\"sku\":null,\"description\":\"A clock of brass, one of a kind except "
    "for its number, which is 8.\",\"price\":452,\"currency\":\"USD\",\"availability\":\"in_stock\",\"weight_g\":0,"
    "\"requires_shipping\":true,\"tax_class\":\"standard\",\"rating\":{\"average\":null,\"count\":0},\"created_at\":\"2026-11-24T21:08:01.823Z\",\"updated_at\":\"2026-11-24T21:08:01.823Z\",\"archived_at\":null}";

static int listener, ready;

void die(const char *what) {
    perror(what);
    exit(1);
}

/* JSON. */

__attribute__((format(printf, 2, 3))) static void put(struct text *out, const char *format, ...) {
    va_list values;
    va_start(values, format);
    int room = (int)sizeof out->bytes - out->length;
    int length = vsnprintf(out->bytes + out->length, (size_t)room, format, values);
    va_end(values);
    out->length += length < room ? length : room - 1;
}

/* A quoted string with the escapes of RFC 8259, or null. */
static void put_string(struct text *out, const char *value) {
    if (!value) {
        put(out, "null");
        return;
    }
    char *to = out->bytes + out->length, *end = out->bytes + sizeof out->bytes - 8;
    *to++ = '"';
    for (; *value && to < end; value++) {
        unsigned char byte = (unsigned char)*value;
        if (byte == '"' || byte == '\\') {
            *to++ = '\\';
            *to++ = (char)byte;
        } else if (byte < 0x20) {
            to += sprintf(to, "\\u%04x", byte);
        } else {
            *to++ = (char)byte;
        }
    }
    *to++ = '"';
    out->length = (int)(to - out->bytes);
}

/* RFC 3339 in UTC, quoted. */
static void put_time(struct text *out, int64_t ms) {
    time_t seconds = ms / 1000;
    struct tm at;
    gmtime_r(&seconds, &at);
    put(out, "\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min,
        at.tm_sec, (int)(ms % 1000));
}

/* Reading. */

static void put_product(struct text *out, const struct product *product) {
    put(out, "{\"id\":%" PRId64 ",\"name\":", product->id);
    put_string(out, product->name);
    put(out, ",\"category\":");
    put_string(out, product->category);
    put(out, ",\"sku\":");
    put_string(out, product->sku);
    put(out, ",\"description\":");
    put_string(out, product->description);
    put(out, ",\"price\":%" PRId64 ",\"currency\":\"USD\",\"availability\":\"%s\"", product->price,
        product->stock == 0 ? "out_of_stock" : product->stock <= product->low_stock ? "low" : "in_stock");
    put(out, ",\"weight_g\":%" PRId64 ",\"requires_shipping\":%s,\"tax_class\":", product->weight_g,
        product->requires_shipping ? "true" : "false");
    put_string(out, product->tax_class);
    int64_t sum = product->rating_sum, count = product->rating_count;
    if (count == 0) put(out, ",\"rating\":{\"average\":null,\"count\":0},\"created_at\":");
    else
        put(out, ",\"rating\":{\"average\":%.2f,\"count\":%" PRId64 "},\"created_at\":", (double)sum / (double)count, count);
    put_time(out, product->created_at);
    put(out, ",\"updated_at\":");
    put_time(out, product->updated_at);
    put(out, ",\"archived_at\":");
    if (!product->is_archived) put(out, "null");
    else put_time(out, product->archived_at);
    put(out, "}");
}

static bool show_product(void *out, const struct product *product) {
    put_product(out, product);
    return false;
}

struct page {
    struct text *out;
    int64_t limit, shown, last, time;
    bool more;
};

static bool show_line(void *to, const struct product *product) {
    struct page *page = to;
    page->more = page->shown == page->limit;
    if (page->more) return false;
    if (page->shown++) put(page->out, ",");
    put_product(page->out, product);
    page->last = product->id;
    page->time = product->created_at;
    return true;
}

/* One row more than the page, to know whether there is a next page. */
static void list_products(struct reader *reader, struct text *out, int64_t limit) {
    struct page page = {.out = out, .limit = limit};
    put(out, "{\"data\":[");
    read_page(reader, limit + 1, show_line, &page);
    if (page.more) put(out, "],\"next\":\"%" PRId64 "-%" PRId64 "\"}", page.time, page.last);
    else put(out, "],\"next\":null}");
}

static void put_line(struct text *out, const struct sale *sale, int64_t total) {
    put(out, "{\"product_id\":%" PRId64 ",\"sku\":", sale->product);
    put_string(out, sale->has_sku ? sale->sku : NULL);
    put(out, ",\"name\":");
    put_string(out, sale->name);
    put(out, ",\"unit_price\":%" PRId64 ",\"quantity\":%" PRId64, sale->price, sale->quantity);
    put(out, ",\"discount\":0,\"tax\":0,\"tax_rate\":0,\"total\":%" PRId64, total);
    put(out, ",\"shipped_quantity\":0,\"refunded_quantity\":0,\"returned_quantity\":0}");
}

static void put_sale(struct text *out, const struct sale *sale) {
    int64_t total = sale->price * sale->quantity;
    put(out, "{\"id\":%" PRId64 ",\"number\":\"%" PRId64 "\",\"username\":", sale->id, sale->id);
    put_string(out, sale->username);
    put(out, ",\"email\":null,\"status\":\"paid\",\"payment_status\":\"paid\",\"fulfillment_status\":\"unfulfilled\"");
    put(out, ",\"payment_method\":\"wallet\",\"hold_until\":null,\"items\":[");
    put_line(out, sale, total);
    put(out, "],\"subtotal\":%" PRId64 ",\"discount\":0,\"shipping\":0,\"tax\":0,\"tax_included\":true", total);
    put(out, ",\"total\":%" PRId64 ",\"gift_card_amount\":0,\"due\":0,\"refunded\":0,\"currency\":\"USD\"", total);
    put(out, ",\"currency_exponent\":2,\"coupon\":null,\"shipping_method\":null,\"shipping_address\":null");
    put(out, ",\"billing_address\":null,\"note\":null,\"shipments\":[],\"payments\":[],\"returns\":[]");
    put(out, ",\"timeline\":[{\"status\":\"paid\",\"amount\":%" PRId64 ",\"reason\":null,\"actor\":", total);
    put_string(out, sale->username);
    put(out, ",\"at\":");
    put_time(out, sale->time);
    put(out, "}],\"created_at\":");
    put_time(out, sale->time);
    put(out, ",\"delivered_at\":null}");
}

const char *answer_of(const struct sale *sale) {
    static _Thread_local struct text text;
    text.length = 0;
    put_sale(&text, sale);
    return text.bytes;
}

/* One request. */

static bool buy(
    FCGX_Request *request, struct reader *reader, struct text *out, const char *query,
    void (*how)(struct reader *, struct sale *)) {
    char body[256];
    int length = FCGX_GetStr(body, sizeof body - 1, request->in);
    body[length] = 0;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const char *key = FCGX_GetParam("HTTP_IDEMPOTENCY_KEY", request->envp);
    struct sale sale = {.time = now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000, .key = key ? key : ""};
    if (sscanf(body, "{\"items\":[{\"product_id\":%" SCNd64 ",\"quantity\":%" SCNd64, &sale.product, &sale.quantity) != 2 ||
        sscanf(query, "?customer=%" SCNd64, &sale.customer) != 1)
        return false;
    how(reader, &sale);
    if (sale.sold) put_sale(out, &sale);
    return sale.sold;
}

static void answer(FCGX_Request *request, struct reader *reader, struct text *out) {
    const char *target = FCGX_GetParam("REQUEST_URI", request->envp);
    const char *status = "200 OK";
    int64_t number;
    out->length = 0;
    bool done = true;
    if (strcmp(target, "/c/constant") == 0) put(out, "%s", constant);
    else if (sscanf(target, "/c/inventory/%" SCNd64, &number) == 1) done = read_product(reader, number, show_product, out);
    else if (sscanf(target, "/c/inventory?limit=%" SCNd64, &number) == 1) list_products(reader, out, number);
    else {
        status = "201 Created";
        bool group = strncmp(target, "/c/group/", 9) == 0;
        const char *query = strchr(target, '?');
        done = query && buy(request, reader, out, query, group ? sell_together : sell_alone);
    }
    if (!done) {
        status = "409 Conflict";
        put(out, "{\"status\":409}");
    }
    FCGX_FPrintF(request->out, "Status: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", status,
        out->length);
    FCGX_PutStr(out->bytes, out->length, request->out);
}

/* A ready descriptor goes to one thread, which returns it afterwards, so idle connections use no thread. */

static void watch(int operation, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = descriptor};
    if (epoll_ctl(ready, operation, descriptor, &event) != 0) die("epoll_ctl");
}

static void *work(void *unused) {
    struct reader *reader = open_reader();
    struct text *out = malloc(sizeof *out);
    FCGX_Request request;
    FCGX_InitRequest(&request, -1, 0);
    for (;;) {
        struct epoll_event event;
        if (epoll_wait(ready, &event, 1, -1) != 1) continue;
        if (event.data.fd == listener) {
            int connection = accept(listener, NULL, NULL);
            if (connection >= 0) watch(EPOLL_CTL_ADD, connection);
            watch(EPOLL_CTL_MOD, listener);
            continue;
        }
        request.ipcFd = event.data.fd;
        request.keepConnection = request.detached = 1;
        if (FCGX_Accept_r(&request) != 0) continue;
        answer(&request, reader, out);
        FCGX_Finish_r(&request);
        if (request.ipcFd >= 0) watch(EPOLL_CTL_MOD, request.ipcFd);
    }
    return unused;
}

int main(int count, char **arguments) {
    if (count != 3) return 64;
    signal(SIGPIPE, SIG_IGN);
    FCGX_Init();
    signal(SIGTERM, SIG_DFL);
    listener = FCGX_OpenSocket(arguments[1], 4096);
    ready = epoll_create1(0);
    if (listener < 0 || ready < 0) die(arguments[1]);
    open_till(arguments[2]);
    watch(EPOLL_CTL_ADD, listener);
    for (int number = 0; number < THREADS; number++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, NULL) != 0) die("thread");
    }
    pause();
    return 0;
}

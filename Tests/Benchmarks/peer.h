/* Shared by the files of the C peer: peer.c serves requests, peer-sqlite.c and peer-postgres.c are its databases. */
#include <inttypes.h>
#include <semaphore.h>
#include <stdbool.h>

/* As many as there are clients: a purchase holds its thread until the disk has it. */
enum { THREADS = 32 };

/* A row of `products`. A text that is NULL in the database is null here. */
struct product {
    int64_t id, price, stock, low_stock, weight_g, rating_sum, rating_count, created_at, updated_at, archived_at;
    const char *name, *category, *sku, *description, *tax_class;
    bool requires_shipping, is_archived;
};

/* Called for each product; returns whether it wants another one. */
typedef bool show(void *to, const struct product *product);

/* A purchase of one line: the request and its result. */
struct sale {
    int64_t product, quantity, customer, time;
    const char *key;
    int64_t id, price;
    char name[1024], sku[128], username[64];
    bool has_sku;
    bool sold;
    sem_t done;
    struct sale *next;
};

#define COLUMNS                                                                                                                \
    "id, name, category, sku, description, price, stock, low_stock, rating_sum, rating_count, created_at, updated_at, "         \
    "archived_at, weight_g, requires_shipping, tax_class "

void die(const char *what);
/* The content of the response, which is valid until the thread calls it again. */
const char *answer_of(const struct sale *sale);

/* Opens what all threads share. `address` is a path or a connection string of libpq. */
void open_till(const char *address);
/* A connection and its prepared statements, for one thread. */
struct reader *open_reader(void);
/* Passes a product on; returns whether there is one. */
bool read_product(struct reader *reader, int64_t id, show *show, void *to);
/* Passes the newest products on, at most `count`. */
void read_page(struct reader *reader, int64_t count, show *show, void *to);
/* With a COMMIT of its own. On PostgreSQL each statement waits for its result. */
void sell_alone(struct reader *reader, struct sale *sale);
/* With one COMMIT for all that wait. On PostgreSQL a statement whose result is not needed is sent with the next one. */
void sell_together(struct reader *reader, struct sale *sale);

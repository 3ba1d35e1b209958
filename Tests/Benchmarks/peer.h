/* Shared by the two files of the C peer. */
#include <inttypes.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdbool.h>

/* A purchase of one line: the request and its result. */
struct sale {
    int64_t product, quantity, customer, time;
    int64_t id, price;
    char name[1024], username[64];
    bool sold;
    sem_t done;
    struct sale *next;
};

sqlite3 *open_database(void);
sqlite3_stmt *prepare(sqlite3 *database, const char *sql);

/* Opens the connection that writes, and starts the thread that commits for many. */
void open_till(void);
/* With a COMMIT of its own. */
void sell_alone(struct sale *sale);
/* With one COMMIT for all that wait. */
void sell_together(struct sale *sale);

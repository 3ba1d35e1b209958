#include <sqlite3.h>

/*
 * SQLITE_TRANSIENT is a cast in a macro, which Swift does not import. The 64-bit call answers SQLITE_TOOBIG where the
 * other would need its caller to cut a length to 32 bits. https://www.sqlite.org/c3ref/bind_blob.html
 */
static inline int souk_bind_text(sqlite3_stmt *statement, int index, const void *text, sqlite3_uint64 bytes) {
    return sqlite3_bind_text64(statement, index, text, bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* sqlite3_config and sqlite3_db_config are variadic, which Swift does not import. */
static inline int souk_sqlite_configure(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static inline int souk_db_config(sqlite3 *database, int option, int on) {
    return sqlite3_db_config(database, option, on, (int *)0);
}

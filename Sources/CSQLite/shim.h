#include <sqlite3.h>

/* SQLITE_TRANSIENT is a cast in a macro, which Swift does not import. https://www.sqlite.org/c3ref/c_static.html */
static inline int souk_bind_text(sqlite3_stmt *statement, int index, const char *text, int bytes) {
    return sqlite3_bind_text(statement, index, text, bytes, SQLITE_TRANSIENT);
}

/* sqlite3_config is variadic, which Swift does not import. */
static inline int souk_sqlite_configure(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

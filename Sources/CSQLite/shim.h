#include <sqlite3.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/*
 * The number of a file and its time of birth in nanoseconds since 1970, or 0 if the file system does not store it. The
 * function statx(2) is declared under _GNU_SOURCE only, which Swift does not define. Returns 0, or -1 with errno.
 */
static inline int souk_file_identity(const char *path, unsigned long long *inode, long long *born_ns) {
    struct statx found = {0};
    if (syscall(SYS_statx, AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &found) != 0) return -1;
    *inode = found.stx_ino;
    *born_ns = found.stx_mask & STATX_BTIME ? found.stx_btime.tv_sec * 1000000000LL + found.stx_btime.tv_nsec : 0;
    return 0;
}

import CPQ
import Storage
import Threads

extension PostgresConnection {
    /// The oldest server that works, as `server_version_num`.
    private static let oldestVersion: Int32 = 150_000

    /// Checks the server and applies the settings that every connection needs.
    ///
    /// It runs before the connection enters pipeline mode.
    func configure() throws {
        let version = PQserverVersion(pq)
        guard version >= PostgresConnection.oldestVersion else {
            throw StoreError.unavailable(
                "The server has PostgreSQL \(version / 10_000). Souk needs version 15 or later.")
        }
        let deadlineMs = monotonicMs() + settings.busyWaitMs
        let found = try simpleQuery(sessionSettings + check(version), until: deadlineMs)
        guard let found, found.count == 1 else {
            throw StoreError.unavailable("The server does not say how it sorts text.")
        }
        let values = (0..<3).map { column in
            PQgetvalue(found.result, 0, column).map { String(cString: $0) } ?? ""
        }
        guard values[0] == "UTF8" else { throw wrongDatabase("has the encoding \(values[0])") }
        let wrong = values[1...].first { $0 != "C" && $0 != "POSIX" }
        if let wrong { throw wrongDatabase("sorts text by the locale \(wrong)") }
    }

    /// The settings of the session.
    ///
    /// A read needs no BEGIN: the first statement opens a transaction of the default kind, and the
    /// sync ends it.
    private var sessionSettings: String {
        let isRequest = settings.workload != .wholeTables
        let lockMs = isRequest ? lockLimit(within: settings.busyWaitMs) : 0
        let background =
            settings.workload == .background
            ? "SET application_name = '\(GiveWay.applicationName)';" : ""
        return """
            SET default_transaction_isolation = 'repeatable read';
            SET default_transaction_read_only = on;
            SET client_min_messages = warning;
            \(background)
            SET lock_timeout = \(lockMs);
            SET statement_timeout = 0;
            SET idle_in_transaction_session_timeout = \(isRequest ? 10_000 : 0);
            SET client_connection_check_interval = 1000;
            \(isRequest ? requestPlans : "")
            \(readAhead)

            """
    }

    /// Plans for statements that read few rows and run often.
    ///
    /// A table may be almost empty when a connection plans a statement. A plan that reads all of it
    /// would stay until the server has analyzed the table, which may have thousands of rows by then.
    /// Starting a parallel worker takes longer than such a statement.
    private var requestPlans: String {
        """
        SET jit = off;
        SET plan_cache_mode = force_generic_plan;
        SET enable_seqscan = off;
        SET max_parallel_workers_per_gather = 0;
        """
    }

    /// Lets the server read many pages at once for the matches of a search, which are far apart.
    ///
    /// The server's default is one, or 0 if its system cannot do that.
    private var readAhead: String {
        """
        SELECT set_config('effective_io_concurrency', '64', false)
        WHERE current_setting('effective_io_concurrency')::int BETWEEN 1 AND 63;
        """
    }

    /// Selects the encoding, the order of text and the kinds of characters of the database.
    private func check(_ version: Int32) -> String {
        // ICU and PostgreSQL's own locales have columns of their own.
        let locale =
            version >= 170_000
            ? "datlocale" : "CASE datlocprovider WHEN 'i' THEN daticulocale END"
        return """
            SELECT pg_encoding_to_char(encoding), COALESCE(\(locale), datcollate),
                COALESCE(\(locale), datctype)
            FROM pg_database WHERE datname = current_database()
            """
    }

    private func wrongDatabase(_ fault: String) -> StoreError {
        let database = settings.address.database
        return .unavailable(
            """
            The database \(database) \(fault), and Souk needs UTF8 and the order of bytes. \
            Create it so: \(creation(of: database))
            """)
    }
}

/// How long one wait for a lock may take in a call that ends after `milliseconds`.
///
/// It is less than half of that, so that the server and not the deadline ends the wait, and the
/// connection can still be used. A writer that is not the first to wait for a row waits twice: until
/// it is the first, and then for the row.
func lockLimit(within milliseconds: Int64) -> Int64 {
    max(1, milliseconds * 9 / 20)
}

/// The statement that creates a database as Souk needs it.
private func creation(of database: String) -> String {
    """
    CREATE DATABASE "\(database)" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc \
    LC_COLLATE 'C' LC_CTYPE 'C';
    """
}

/// The error for a connection that could not be opened.
///
/// libpq gives no SQLSTATE here. Servers translate these messages, so a message in another language
/// comes without advice.
func openingFailure(_ address: ServerAddress, _ message: String) -> StoreError {
    // libpq asks "Is the server running …?" in a line of its own, which does not help in a log.
    let message = message.split(separator: "\n").filter { !$0.contains("Is the server running") }
        .joined(separator: " ").oneLine
    let place = "The database \(address.name) cannot be opened"
    if message.contains("password authentication failed") || message.contains("no password") {
        return .unavailable(
            """
            \(place): the server rejects the password of \(address.role). Correct the line of \
            this database in the file that passfile or PGPASSFILE names.
            """)
    }
    if message.contains("database \"\(address.database)\" does not exist") {
        return .unavailable(
            "\(place), because it does not exist. Create it: \(creation(of: address.database))")
    }
    return .unavailable("\(place): \(message).")
}

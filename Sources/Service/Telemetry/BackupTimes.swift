public import Storage
public import Values

/// The result of `souk backup`.
public enum BackupResult: String, CaseIterable, Sendable {
    case succeeded, failed
}

/// Records the time of the last backup with this result in the database that was backed up.
///
/// Only for a database on a server, whose backup another machine may make. A SQLite database has
/// the times in a file beside it, so that the backup of a damaged one can be recorded too.
public func recordBackup(_ result: BackupResult, at now: Instant, in tx: any Transaction) throws {
    try tx.run(
        """
        INSERT INTO backup_times (result, at) VALUES (\(result.rawValue), \(now))
        ON CONFLICT (result) DO UPDATE SET at = excluded.at
        """)
}

/// The time of the last backup with this result, in seconds since 1970; 0 if there was none.
public func lastBackupSeconds(_ result: BackupResult, in tx: any Transaction) throws -> Int64 {
    let milliseconds: Int64? = try tx.first(
        "SELECT at FROM backup_times WHERE result = \(result.rawValue)")?["at"]
    return (milliseconds ?? 0) / 1000
}

let backupTimesTable: [SQL] = [
    """
    CREATE TABLE backup_times (
        result TEXT NOT NULL PRIMARY KEY CONSTRAINT backup_times_result CHECK (
            result IN ('succeeded', 'failed')),
        at \(.int64) NOT NULL
    ) \(.strict)
    """
]

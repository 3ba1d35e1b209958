import Courier
import Service

/// The resources outside the process that a responder depends on: disk, key file and backups.
struct Surroundings: Sendable {
    let room: DiskRoom
    let keys: KeyFileWatch
    /// Nil if the database is on a server: then they are in the database.
    let backups: BackupRecord?
}

extension PrometheusText {
    mutating func surroundings(_ surroundings: Surroundings) {
        if let bytes = surroundings.room.bytes {
            family(
                "souk_disk_free_bytes", .gauge, "Free space on the disk of the database.",
                bytes.free)
            family(
                "souk_disk_size_bytes", .gauge, "Size of the disk of the database.", bytes.size)
        }
        family(
            "souk_key_file_usable", .gauge,
            "1, or 0 if the key file is unusable and the next start would fail.",
            surroundings.keys.look() == nil ? 1 : 0)
        guard let backups = surroundings.backups?.read() else { return }
        for (result, seconds) in [
            (BackupResult.succeeded, backups.succeeded), (.failed, backups.failed),
        ] {
            family(result.metricName, .gauge, result.metricHelp, seconds)
        }
    }
}

extension BackupResult {
    /// The gauges of a database on a server.
    static let gauges = allCases.map { result in
        CourierGauge(result.metricName, result.metricHelp) {
            try lastBackupSeconds(result, in: $0)
        }
    }

    fileprivate var metricName: String {
        switch self {
        case .succeeded: "souk_backup_last_success_seconds"
        case .failed: "souk_backup_last_failure_seconds"
        }
    }

    fileprivate var metricHelp: String {
        let kind = self == .succeeded ? "successful" : "failed"
        return "Time of the last \(kind) `souk backup`, in seconds since 1970; 0 if none."
    }
}

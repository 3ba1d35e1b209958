/// The resources outside the process that a responder depends on: disk, key file and backups.
struct Surroundings: Sendable {
    let room: DiskRoom
    let keys: KeyFileWatch
    /// Nil if `souk backup` does not make them.
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
        family(
            "souk_backup_last_success_seconds", .gauge,
            "Time of the last successful `souk backup`, in seconds since 1970; 0 if none.",
            backups.succeeded)
        family(
            "souk_backup_last_failure_seconds", .gauge,
            "Time of the last failed `souk backup`, in seconds since 1970; 0 if none.",
            backups.failed)
    }
}

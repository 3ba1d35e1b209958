import Glibc
import Launch
import Service
import Storage

/// A backup of a database on a PostgreSQL server, made and checked with its client programs.
struct ServerBackup {
    /// Their `database` is a URL.
    let settings: Settings

    /// Makes a backup.
    ///
    /// `keep` is the number of backups to keep, or nil for all.
    func run(into folder: BackupFolder, keep: Int?) throws -> BackupReport {
        let begun = ContinuousClock.now
        // Reports an unreachable server or a wrong database in Souk's own words.
        let store = try openStore(settings, for: .wholeTables)
        defer { store.close() }
        guard try store.isShop() else { throw Failure(description: "\(store.name) has no shop.") }

        let copy = try Copy(at: folder.partial)
        let extent: BackupReport.Extent
        let kind: BackupFolder.Kind
        let name: String
        do {
            try ClientProgram.dump.run([
                "--format=custom", "--no-owner", "--no-privileges", "--file=\(copy.path)",
                "--dbname=\(settings.database)",
            ])
            extent = try check(copy.path, of: store.name)
            kind = extent == .archive ? .uncheckedArchive : .archive
            name = folder.freeName(kind)
            try copy.keep(as: name)
        } catch {
            copy.discard()
            throw error
        }
        let removed = try keep.map { try folder.removeOldest(kind, butNot: name, keep: $0) }
        return BackupReport(
            file: name, extent: extent,
            milliseconds: Int64((ContinuousClock.now - begun) / .milliseconds(1)),
            removed: removed ?? [])
    }

    /// Records the result, for the metrics.
    ///
    /// A standby and the schema of an earlier version cannot store it. Of a success a warning says
    /// so. A failure is an error already, and often of the same cause.
    func record(_ result: BackupResult) {
        do {
            let store = try openStore(settings)
            defer { store.close() }
            try store.write { try recordBackup(result, at: .now(), in: $0) }
        } catch {
            guard result == .succeeded else { return }
            printError("Warning: the result could not be recorded in the database: \(error)")
        }
    }

    /// Restores the archive `file` into a scratch database, and checks that.
    private func check(_ file: String, of source: String) throws -> BackupReport.Extent {
        guard let scratch = try ScratchDatabase(beside: settings.database) else {
            // Reads the whole archive, so that a truncated one is noticed.
            try ClientProgram.restore.run(["--file=/dev/null", file])
            return .archive
        }
        defer { scratch.drop() }
        try restoreArchive(file, into: scratch.url)
        var restored = settings
        restored.database = scratch.url
        let store = try openStore(restored, for: .wholeTables)
        defer { store.close() }
        let verification = try Verification(of: store, as: source)
        try refuseCopy(verification.broken)
        return verification.isCurrent ? .all : .schema
    }
}

/// Restores an archive of pg_dump into the empty database at `url`, completely or not at all.
func restoreArchive(_ file: String, into url: String) throws {
    try ClientProgram.restore.run([
        "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
        "--dbname=\(url)", file,
    ])
}

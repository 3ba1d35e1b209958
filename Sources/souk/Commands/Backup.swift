import ArgumentParser
import FoundationEssentials
import Glibc
import HTTP
import Launch
import Storage

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Back up the database while the shop is running.",
        discussion: """
            The copy is a snapshot of the moment at which the command starts. It is made at low priority, and then \
            checked as by `souk check`. Only after the check does it get its name, souk-YYYYMMDDTHHMMSSZ.db, in UTC. \
            It is one complete file.

            If the database is on a PostgreSQL server, the copy is an archive of pg_dump, \
            souk-YYYYMMDDTHHMMSSZ.dump. It is restored into a new database on the same server, checked there, \
            and the database is dropped. If the role may not create databases, the name ends with \
            -unchecked.dump.

            Exit code 2 if the copy fails the check; it is then removed. Exit code 1 if no copy could be made. \
            In both cases older backups are kept.
            """)

    @Argument(help: "The folder for the backup, which must exist.") var folder: String
    @Option(
        help:
            "The number of backups to keep in the folder, the new one included; older ones are removed."
    )
    var keep: Int?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard keep.map({ $0 >= 1 }) ?? true else {
            throw ValidationError("--keep must be at least 1.")
        }
    }

    func run() throws {
        // The backup runs at low priority, so that it does not slow down the responders.
        nice(10)
        let settings = try Settings(ProcessInfo.processInfo.environment)
        guard let database = settings.databaseFile else {
            let folder = try BackupFolder(folder)
            defer { folder.unlock() }
            let backup = ServerBackup(settings: settings)
            do {
                try report(backup.run(into: folder, keep: keep))
            } catch {
                backup.record(.failed)
                throw error
            }
            return backup.record(.succeeded)
        }
        try lockShop(database)
        let folder = try BackupFolder(folder)
        defer { folder.unlock() }
        guard access(database, F_OK) == 0 else {
            throw Failure(errno, "\(database) does not exist")
        }
        let record = BackupRecord(of: database)
        do {
            try run(on: database, into: folder)
        } catch {
            try? record.note(success: false, at: .now())
            throw error
        }
        try record.note(success: true, at: .now())
    }

    private func run(on database: String, into folder: BackupFolder) throws {
        try checkRoom(in: folder.path, for: database)

        let begun = ContinuousClock.now
        let name = folder.freeName(.database)
        let copy = try Copy(at: folder.partial)
        let verification: Verification
        do {
            verification = try refusingDamage(in: database) {
                try copy.fill(from: database, gently: true)
                return try copy.verify(as: database)
            }
            try refuseCopy(verification.broken)
            try copy.keep(as: name)
        } catch {
            copy.discard()
            throw error
        }
        let removed = try keep.map {
            try folder.removeOldest(.database, butNot: name, keep: $0)
        }
        report(
            BackupReport(
                file: name, extent: verification.isCurrent ? .all : .schema,
                milliseconds: Int64((ContinuousClock.now - begun) / .milliseconds(1)),
                removed: removed ?? []))
    }

    private func report(_ report: BackupReport) {
        if json {
            print(JSONWriter.text(of: report))
            return
        }
        print("\(report.file)")
        if let note = report.extent.note { print(note) }
        for file in report.removed { print("removed \(file)") }
    }
}

/// Rejects a copy that violates rules.
///
/// - Throws: `ExitCode` 2 after it has printed them.
func refuseCopy(_ broken: [String]) throws {
    guard !broken.isEmpty else { return }
    throw refusal(
        """
        The copy was removed, because it violates these rules: \(broken.joined(separator: " ")) \
        Run `souk check` for the details.
        """)
}

/// The result of a backup.
struct BackupReport: JSONWritable {
    /// How much of a copy was checked.
    enum Extent {
        case all
        /// The database is of an earlier version, so the invariants could not be checked.
        case schema
        /// Nothing but the archive itself.
        case archive

        /// A sentence for the operator.
        var note: String? {
            switch self {
            case .all: nil
            case .schema:
                "the database is of an earlier version: only the file and its schema were checked"
            case .archive:
                """
                the copy is unchecked, because no database could be created to restore it into: the role \
                needs the right CREATEDB, and a standby has no such database
                """
            }
        }
    }

    let file: String
    let extent: Extent
    let milliseconds: Int64
    let removed: [String]

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("file", file)
            $0.field("bytes", fileSize(file))
            $0.field("checked", extent == .all)
            $0.field("milliseconds", milliseconds)
            $0.field("removed", removed)
        }
    }
}

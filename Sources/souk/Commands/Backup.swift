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
            The copy is a snapshot of the moment at which the command starts. It is made slowly, so that clients \
            hardly wait for it, and then checked as by `souk check`. Only then does it get its name, \
            souk-YYYYMMDDTHHMMSSZ.db, in UTC. It is one complete file.

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
        let database = try databaseFile(for: "backup")
        try lockShop(database)
        let lock = try lockFolder()
        defer { close(lock) }
        guard access(database, F_OK) == 0 else {
            throw Failure(errno, "\(database) does not exist")
        }
        let record = BackupRecord(of: database)
        do {
            try run(on: database)
        } catch {
            try? record.note(success: false, at: .now())
            throw error
        }
        try record.note(success: true, at: .now())
    }

    private func run(on database: String) throws {
        try checkRoom(in: folder, for: database)

        let begun = ContinuousClock.now
        let name = try freeName()
        let copy = try Copy(at: "\(folder)/.souk-backup.partial")
        let verification: Verification
        do {
            verification = try refusingDamage(in: database) {
                try copy.fill(from: database, gently: true)
                return try copy.verify(as: database)
            }
            try refuse(verification.broken)
            try copy.keep(as: name)
        } catch {
            copy.discard()
            throw error
        }
        let removed = try removeOldest(butNot: name)
        report(
            Report(
                file: name, bytes: fileSize(name), isChecked: verification.isCurrent,
                milliseconds: Int64((ContinuousClock.now - begun) / .milliseconds(1)),
                removed: removed))
    }

    /// Locks the folder, so that two backups do not use it at once.
    private func lockFolder() throws -> Int32 {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(errno, "\(folder) cannot be used") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(description: "Another backup into \(folder) is in progress.")
        }
        return descriptor
    }

    /// Returns an unused name; there is one name for each second.
    private func freeName() throws -> String {
        while true {
            let name = "\(folder)/souk-\(fileStamp(.now())).db"
            if access(name, F_OK) != 0 { return name }
            usleep(50_000)
        }
    }

    private func refuse(_ broken: [String]) throws {
        guard !broken.isEmpty else { return }
        throw refusal(
            """
            The copy was removed, because it violates these rules: \(broken.joined(separator: " ")) \
            Run `souk check` for the details.
            """)
    }

    /// Removes the oldest backups.
    ///
    /// A file dated after `new` means that the clock was wrong. It may contain the newest data, so
    /// it is neither counted nor removed.
    ///
    /// - Returns: the names of the removed files.
    private func removeOldest(butNot new: String) throws -> [String] {
        guard let keep else { return [] }
        let backups = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.wholeMatch(of: /souk-[0-9]{8}T[0-9]{6}Z\.db/) != nil }
            .sorted().map { "\(folder)/\($0)" }
        for file in backups where file > new {
            printError(
                "Warning: \(file) is dated in the future; it was neither counted nor removed.")
        }
        let old = Array(backups.filter { $0 < new }.dropLast(keep - 1))
        for file in old where unlink(file) != 0 {
            throw Failure(errno, "\(file) cannot be removed")
        }
        return old
    }

    private func report(_ report: Report) {
        if json {
            print(String(decoding: JSONWriter.bytes(of: report), as: UTF8.self))
            return
        }
        print("\(report.file)")
        if !report.isChecked {
            print(
                "the database is of an earlier version: only the file and its schema were checked")
        }
        for file in report.removed { print("removed \(file)") }
    }
}

/// The result of a backup.
private struct Report: JSONWritable {
    let file: String
    let bytes: Int64
    let isChecked: Bool
    let milliseconds: Int64
    let removed: [String]

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("file", file)
            $0.field("bytes", bytes)
            $0.field("checked", isChecked)
            $0.field("milliseconds", milliseconds)
            $0.field("removed", removed)
        }
    }
}

import ArgumentParser
import FoundationEssentials
import Glibc
import HTTP
import Launch
import Storage

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Back up the shop's database while the shop stays open.",
        discussion: """
            The copy is a snapshot of the moment at which the command starts. It is made slowly, so that buyers \
            do not wait for it, and then checked as by `souk check`. Only then it gets its name, \
            souk-YYYYMMDDTHHMMSSZ.db, in UTC. It is one file, complete by itself.

            Exit code 2 if something in the copy is wrong: the copy is removed. Exit code 1 if no copy could be \
            made. In both cases older backups are kept.
            """)

    @Argument(help: "The folder to put it in, which must be there.") var folder: String
    @Option(
        help:
            "Then remove the oldest backups in the folder and keep this many, the new one included."
    )
    var keep: Int?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard keep.map({ $0 >= 1 }) ?? true else {
            throw ValidationError("At least one must be kept.")
        }
    }

    func run() throws {
        // A copy can wait for the processor, and buyers cannot.
        nice(10)
        let database = try Settings(ProcessInfo.processInfo.environment).database
        try lockShop(database)
        let lock = try lockFolder()
        defer { close(lock) }
        guard access(database, F_OK) == 0 else { throw Failure(errno, "\(database) is not there") }
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

    /// Keeps a second one out of the folder.
    private func lockFolder() throws -> Int32 {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(errno, "\(folder) cannot be used") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(description: "Another backup into \(folder) is in progress.")
        }
        return descriptor
    }

    /// A name that nobody has: one a second.
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
            The copy was removed, because something in it is broken: \(broken.joined(separator: " ")) \
            `souk check` says where.
            """)
    }

    /// Removes the oldest backups.
    ///
    /// A file that is dated after `new` tells of a clock that was wrong, and may hold the newest
    /// data: it is neither counted nor removed.
    /// - Returns: the names of the files it removed.
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
            print("it is of an earlier version: only the file itself was checked")
        }
        for file in report.removed { print("removed \(file)") }
    }
}

/// What a backup has done.
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

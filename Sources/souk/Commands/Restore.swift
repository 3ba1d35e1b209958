import ArgumentParser
import FoundationEssentials
import Glibc
import Launch
import Storage

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Restore a backup, and keep the previous database next to it.",
        discussion: """
            All responders must be stopped, and none can start until the restore ends. The backup is copied and \
            checked as by `souk check` before anything changes. Then it replaces the database in one step. The \
            previous database is renamed to souk.db.before-YYYYMMDDTHHMMSSZ. After restoring a backup of an \
            earlier version, run `souk migrate`. A backup of a later version is rejected.

            If the database is on a PostgreSQL server, the backup is an archive of pg_dump. It is restored into \
            an empty database. If the restored shop violates an invariant, its tables are dropped again.

            Exit code 2 if the file is truncated, damaged, not a backup of a shop, or violates an invariant.
            """)

    @Argument(help: "The backup.") var file: String

    func run() throws {
        let settings = try Settings(ProcessInfo.processInfo.environment)
        guard let database = settings.databaseFile else {
            return try ServerRestore(settings: settings).run(file)
        }
        try lockShop(database, alone: true)
        guard access(file, R_OK) == 0 else { throw Failure(errno, "\(file) cannot be read") }
        guard !isSame(file, database) else {
            throw Failure(description: "\(file) is the shop's own database.")
        }
        try requireWholeDatabase(file)
        try checkRoom(in: parent(of: database), for: file)

        let copy = try Copy(at: "\(database).restoring")
        let verification: Verification
        let former: String?
        do {
            verification = try refusingDamage(in: file) {
                try copy.fill(from: file, gently: false)
                return try copy.verify(as: file)
            }
            try refuse(verification.broken)
            try copy.takeOwner(of: database)
            former = try setAside(database)
            try copy.keep(as: database)
        } catch {
            copy.discard()
            throw error
        }
        print("restored \(file)")
        if let former { print("the previous database is \(former)") }
        if !verification.isCurrent {
            print("the backup is of an earlier version: run `souk migrate`, then `souk check`")
        }
    }

    private func refuse(_ broken: [String]) throws {
        guard !broken.isEmpty else { return }
        throw refusal(
            """
            Nothing was restored, because \(file) violates these rules: \
            \(broken.joined(separator: " "))
            """)
    }

    private func isSame(_ one: String, _ other: String) -> Bool {
        var first = stat()
        var second = stat()
        return stat(one, &first) == 0 && stat(other, &second) == 0
            && first.st_ino == second.st_ino && first.st_dev == second.st_dev
    }

    /// Gives the database a second name, so that it stays when the backup takes its name.
    ///
    /// - Returns: that name, or nil if there is no database.
    private func setAside(_ database: String) throws -> String? {
        guard access(database, F_OK) == 0 else { return nil }
        do {
            try foldWAL(of: database)
        } catch StoreError.busy {
            throw Failure(description: "Another process has \(database) open.")
        } catch {
            // The database is broken, which may be the reason for the restore.
        }
        let former = try giveSecondName(to: database)
        // A WAL that could not be moved into its database must not stay. SQLite would apply it to
        // the restored one.
        if access("\(database)-wal", F_OK) == 0 {
            guard rename("\(database)-wal", "\(former)-wal") == 0 else {
                throw Failure(errno, "\(database)-wal cannot be moved")
            }
        }
        unlink("\(database)-shm")
        return former
    }

    /// Links the database under a name with the current second.
    ///
    /// If that name exists, it waits for the next second.
    private func giveSecondName(to database: String) throws -> String {
        while true {
            let former = "\(database).before-\(fileStamp(.now()))"
            if link(database, former) == 0 { return former }
            guard errno == EEXIST else { throw Failure(errno, "\(former) cannot be created") }
            usleep(100_000)
        }
    }
}

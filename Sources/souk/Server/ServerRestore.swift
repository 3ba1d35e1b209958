import Glibc
import Launch
import Storage

/// The restore of a backup into an empty database of a PostgreSQL server.
struct ServerRestore {
    /// Their `database` is a URL.
    let settings: Settings

    /// Restores the archive `file`.
    func run(_ file: String) throws {
        try requireArchive(file)
        let store = try openStore(settings, for: .wholeTables)
        defer { store.close() }
        guard try store.tables().isEmpty else {
            throw Failure(
                description: """
                    \(store.name) is not empty. Create another database, restore the backup into that, \
                    and change SOUK_DATABASE.
                    """)
        }
        try restoreArchive(file, into: settings.database)
        let verification: Verification
        do {
            verification = try Verification(of: store, as: file)
            try refuse(verification.broken, of: file)
        } catch {
            try dropTables(of: store)
            throw error
        }
        print("restored \(file)")
        if !verification.isCurrent {
            print("the backup is of an earlier version: run `souk migrate`, then `souk check`")
        }
    }

    /// Rejects a file that pg_restore cannot read.
    private func requireArchive(_ file: String) throws {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(errno, "\(file) cannot be read") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(descriptor, &bytes, bytes.count)
        if bytes.starts(with: "SQLite format 3\0".utf8) {
            throw refusal("\(file) is a SQLite database. Copy it with `souk copy`.")
        }
        guard count > 5, bytes.starts(with: "PGDMP".utf8) else {
            throw refusal("\(file) is not an archive of pg_dump.")
        }
        do {
            // Reads the whole archive before anything changes.
            try ClientProgram.restore.run(["--file=/dev/null", file])
        } catch {
            throw refusal("\(file) is damaged: \(error)")
        }
    }

    private func refuse(_ broken: [String], of file: String) throws {
        guard !broken.isEmpty else { return }
        throw refusal(
            """
            Nothing was restored, because \(file) violates these rules: \
            \(broken.joined(separator: " "))
            """)
    }

    /// Removes what was restored; the database was empty before.
    private func dropTables(of store: any Engine) throws {
        let names = try store.tables().map { "\"\($0)\"" }.joined(separator: ", ")
        guard !names.isEmpty else { return }
        try ClientProgram.query.run([
            "--no-psqlrc", "--quiet", "--dbname=\(settings.database)",
            "--command=DROP TABLE \(names) CASCADE",
        ])
    }
}

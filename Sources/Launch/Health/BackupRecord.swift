import FoundationEssentials
import Glibc
import Storage
public import Values

/// The times of the last successful and the last failed `souk backup`.
///
/// They are in a file next to the database, and the responders show them as metrics. The file has
/// two lines, `succeeded` and `failed`, each with the time in seconds since 1970, or 0 for never.
public struct BackupRecord: Sendable {
    private let path: String
    private let database: String

    /// The record of the database `database`: `souk.db.backups`.
    public init(of database: String) {
        self.database = database
        path = "\(database).backups"
    }

    /// Both times in seconds since 1970; 0 for never.
    public func read() -> (succeeded: Int64, failed: Int64) {
        let data = FileManager.default.contents(atPath: path) ?? Data()
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        func seconds(_ name: String) -> Int64 {
            lines.firstMatch(name).flatMap { Int64($0) } ?? 0
        }
        return (seconds("succeeded "), seconds("failed "))
    }

    /// Records the result of a backup.
    /// - Throws: `SettingsError` if the file cannot be written.
    public func note(success: Bool, at now: Instant) throws {
        let before = read()
        let seconds = now.milliseconds / 1000
        let text = """
            succeeded \(success ? seconds : before.succeeded)
            failed \(success ? before.failed : seconds)

            """
        let new = "\(path).new"
        unlink(new)
        let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        // The responders must be able to read a file that root wrote, whatever root's umask.
        fchmod(file, 0o644)
        let bytes = Array(text.utf8)
        guard write(file, bytes, bytes.count) == bytes.count, rename(new, path) == 0 else {
            throw failure()
        }
    }

    private func failure() -> SettingsError {
        SettingsError(
            description: "\(path) cannot be written: \(String(cString: strerror(errno))).")
    }
}

extension [Substring] {
    /// The rest of the line that begins with `name`.
    fileprivate func firstMatch(_ name: String) -> Substring? {
        first { $0.hasPrefix(name) }?.dropFirst(name.utf8.count)
    }
}

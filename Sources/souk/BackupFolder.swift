import FoundationEssentials
import Glibc
import Values

/// A folder of backups, locked so that two backups do not use it at once.
struct BackupFolder {
    /// The kinds of backups; `--keep` counts each kind alone.
    enum Kind: String {
        /// A database file of SQLite.
        case database = ".db"
        /// An archive of pg_dump.
        case archive = ".dump"
        /// An archive of pg_dump that could not be checked.
        case uncheckedArchive = "-unchecked.dump"
    }

    /// The path of the folder.
    let path: String
    private let descriptor: Int32

    /// Locks the folder.
    ///
    /// - Throws: `Failure` if it does not exist, or another backup uses it.
    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(errno, "\(path) cannot be used") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(description: "Another backup into \(path) is in progress.")
        }
    }

    /// Unlocks the folder.
    func unlock() { close(descriptor) }

    /// The path of a backup that is not complete yet.
    var partial: String { "\(path)/.souk-backup.partial" }

    /// Returns an unused name; there is one name for each second.
    func freeName(_ kind: Kind) -> String {
        while true {
            let name = "\(path)/souk-\(fileStamp(.now()))\(kind.rawValue)"
            if access(name, F_OK) != 0 { return name }
            usleep(50_000)
        }
    }

    /// Removes the oldest backups of one kind, so that `keep` are left.
    ///
    /// A file dated after `new` means that the clock was wrong. It may contain the newest data, so
    /// it is neither counted nor removed.
    ///
    /// - Returns: the paths of the removed files.
    func removeOldest(_ kind: Kind, butNot new: String, keep: Int) throws -> [String] {
        let backups = try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { name in
                name.prefixMatch(of: /souk-[0-9]{8}T[0-9]{6}Z/).map {
                    name[$0.range.upperBound...] == kind.rawValue
                } ?? false
            }
            .sorted().map { "\(path)/\($0)" }
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
}

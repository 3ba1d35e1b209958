import Glibc
import Launch
import Storage
import StorageSQLite
import Values

/// A copy of a database on its way to being one that can be relied on.
struct Copy {
    /// Where it is until it is kept.
    let path: String
    private let descriptor: Int32

    /// Makes an empty file for the owner alone, in place of what a copy that was killed has left.
    init(at path: String) throws {
        unlink(path)
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(errno, "\(path) cannot be made") }
    }

    /// Copies `source`, a database that may be in use.
    ///
    /// With `gently` whoever writes to the same disk hardly notices: each mebibyte is on the disk
    /// before the next, so that no fsync of theirs has to wait for more, and half of the time is
    /// left to them.
    func fill(from source: String, gently: Bool) throws {
        var begun = ContinuousClock.now
        try SQLiteStore.copy(source, to: path) { done, all in
            showProgress(done, all)
            guard gently else { return }
            fdatasync(descriptor)
            let pause = ContinuousClock.now - begun
            usleep(UInt32(min(500_000, pause / .microseconds(1))))
            begun = .now
        }
        guard fsync(descriptor) == 0 else { throw Failure(errno, "\(path) cannot be written") }
    }

    /// Checks it as `souk check` does.
    ///
    /// The invariants are those of this program's schema; of an older one the file, its references
    /// and its tables are checked.
    /// - Parameters:
    /// - source: the file that was copied, which error messages name.
    /// - Throws: `StoreError.schema` if a newer version or another history made it; `ExitCode` 2 if
    ///   it is no shop's.
    func verify(as source: String) throws -> Verification {
        let store = try SQLiteStore(path: path, readOnly: true, workload: .wholeTables)
        defer { store.close() }
        guard try store.isShop() else {
            throw refusal("\(source) is a SQLite database, but not a shop's.")
        }
        let applied = try schema.applied(to: store)
        let findings = try CheckResult.all(in: store, applied: applied, atOnce: 1)
        return Verification(
            isCurrent: applied.count == schema.count,
            broken: findings.filter { !$0.breaches.isEmpty }.map(\.sentence))
    }

    /// Gives it to whom `other` belongs, if that is there.
    func takeOwner(of other: String) throws {
        var status = stat()
        guard stat(other, &status) == 0 else { return }
        guard fchmod(descriptor, status.st_mode & 0o777) == 0,
            geteuid() != 0 || fchown(descriptor, status.st_uid, status.st_gid) == 0
        else { throw Failure(errno, "\(path) cannot be given to the owner of \(other)") }
    }

    /// Gives it its name.
    func keep(as name: String) throws {
        guard rename(path, name) == 0 else { throw Failure(errno, "\(name) cannot be written") }
        close(descriptor)
        try syncFolder(of: name)
    }

    /// Removes it.
    func discard() {
        unlink(path)
        close(descriptor)
    }
}

/// What was found in a copy.
struct Verification {
    /// Whether it has this program's schema, so that every invariant was looked at.
    let isCurrent: Bool
    /// What does not hold.
    let broken: [String]
}

/// Refuses to begin where `folder` has less room than a copy of `database` takes.
func checkRoom(in folder: String, for database: String) throws {
    var room = statvfs()
    guard statvfs(folder, &room) == 0 else { throw Failure(errno, "\(folder) cannot be used") }
    let free = Int64(room.f_bavail) * Int64(room.f_frsize)
    let needed = fileSize(database) + fileSize("\(database)-wal")
    guard free >= needed else {
        throw Failure(
            description:
                "\(folder) has \(free >> 20) MiB free, and the copy may take \((needed >> 20) + 1) MiB."
        )
    }
}

/// How many bytes a file has; none if it is not there.
func fileSize(_ path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
}

/// Makes a new name as lasting as its file.
func syncFolder(of path: String) throws {
    let folder = parent(of: path)
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
        throw Failure(errno, "\(folder) cannot be synced")
    }
}

/// The folder in which `path` stands.
func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// A moment as it stands in the name of a file: `20261124T205715Z`.
func fileStamp(_ now: Instant) -> String {
    now.rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
}

extension Failure {
    /// A sentence, and behind it what the system said.
    init(_ number: Int32, _ sentence: String) {
        self.init(description: "\(sentence): \(String(cString: strerror(number))).")
    }
}

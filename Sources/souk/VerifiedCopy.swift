import Glibc
import Launch
import Storage
import Values

/// A copy of a database that is filled, checked and then renamed.
struct Copy {
    /// The path until the copy gets its final name.
    let path: String
    private let descriptor: Int32

    /// Creates an empty file that only the owner can read, replacing the rest of a killed copy.
    init(at path: String) throws {
        unlink(path)
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(errno, "\(path) cannot be created") }
    }

    /// Copies `source`, a database that may be in use.
    ///
    /// With `gently` it hardly delays other programs that write to the same disk. It syncs each
    /// mebibyte before the next one, so that no other fsync has to wait for more. It also pauses
    /// for as long as it works.
    func fill(from source: String, gently: Bool) throws {
        var begun = ContinuousClock.now
        try copyDatabase(source, to: path) { done, all in
            showProgress(done, all)
            guard gently else { return }
            fdatasync(descriptor)
            let pause = ContinuousClock.now - begun
            usleep(UInt32(min(500_000, pause / .microseconds(1))))
            begun = .now
        }
        guard fsync(descriptor) == 0 else { throw Failure(errno, "\(path) cannot be written") }
    }

    /// Checks the copy as `souk check` does.
    ///
    /// The invariants need the schema of this version. For an older one, it checks the file, the
    /// foreign keys and the schema.
    ///
    /// Error messages name the copied file, `source`.
    ///
    /// - Throws: `StoreError.schema` if a newer version or other migrations created it; `ExitCode`
    ///   2 if it is not a shop's database.
    func verify(as source: String) throws -> Verification {
        let store = try openCopy(path)
        defer { store.close() }
        return try Verification(of: store, as: source)
    }

    /// Changes the owner to that of `other`, if that exists.
    func takeOwner(of other: String) throws {
        var status = stat()
        guard stat(other, &status) == 0 else { return }
        guard fchmod(descriptor, status.st_mode & 0o777) == 0,
            geteuid() != 0 || fchown(descriptor, status.st_uid, status.st_gid) == 0
        else { throw Failure(errno, "\(path) cannot be given to the owner of \(other)") }
    }

    /// Renames the copy to its final name.
    func keep(as name: String) throws {
        guard rename(path, name) == 0 else { throw Failure(errno, "\(name) cannot be written") }
        close(descriptor)
        try syncFolder(of: name)
    }

    /// Removes the copy.
    func discard() {
        unlink(path)
        close(descriptor)
    }
}

/// The result of checking a copy.
struct Verification {
    /// Whether the schema is that of this version, so that every invariant was checked.
    let isCurrent: Bool
    /// The violated invariants.
    let broken: [String]

    /// Checks `store`, a copy of `source`: see `Copy.verify`.
    init(of store: any Engine, as source: String) throws {
        guard try store.isShop() else {
            throw refusal("\(source) is a database, but not a shop's.")
        }
        let applied = try schema.applied(to: store)
        let findings = try CheckResult.all(in: store, applied: applied, atOnce: 1)
        isCurrent = applied.count == schema.count
        broken = findings.filter { !$0.breaches.isEmpty }.map(\.sentence)
    }
}

/// Fails if `folder` has less free space than a copy of `database` needs.
func checkRoom(in folder: String, for database: String) throws {
    var room = statvfs()
    guard statvfs(folder, &room) == 0 else { throw Failure(errno, "\(folder) cannot be used") }
    let free = Int64(room.f_bavail) * Int64(room.f_frsize)
    let needed = fileSize(database) + fileSize("\(database)-wal")
    guard free >= needed else {
        throw Failure(
            description:
                "\(folder) has \(free >> 20) MiB free, but the copy may need \((needed >> 20) + 1) MiB."
        )
    }
}

/// Returns the size of a file in bytes, 0 if it does not exist.
func fileSize(_ path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
}

/// Syncs the folder of a file, so that a new name survives a crash.
func syncFolder(of path: String) throws {
    let folder = parent(of: path)
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(descriptor) }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
        throw Failure(errno, "\(folder) cannot be synced")
    }
}

/// Returns the folder of `path`.
func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Returns a time in the format of file names, such as `20261124T205715Z`.
func fileStamp(_ now: Instant) -> String {
    now.rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
}

extension Failure {
    /// Creates a failure from a sentence and the system's message for the error `number`.
    init(_ number: Int32, _ sentence: String) {
        self.init(description: "\(sentence): \(String(cString: strerror(number))).")
    }
}

import Glibc
import Synchronization
import Threads

/// Whether the disk of the database has space for nginx's cache files.
///
/// nginx closes the client's connection if it cannot write a cache file. On a full disk, responses
/// must therefore not be cached. This only helps if the cache is on the disk of the database.
final class DiskRoom: Sendable {
    /// The free space in bytes below which nothing is cached.
    ///
    /// nginx may write this much before it learns that the disk is full.
    private static let bytesMin: UInt64 = 16 << 20
    /// The largest age of a measurement in milliseconds, so that not every response needs one.
    private static let againMs: Int64 = 100

    private let path: String
    private let lookedMs = Atomic<Int64>(-againMs)
    private let isThereStill = Atomic(true)

    /// The disk with the file `path`; without a file, nothing is measured.
    init(beside path: String?) {
        // An empty path names no file, so that statvfs(3) fails.
        self.path = path ?? ""
    }

    /// The free bytes for unprivileged processes and the size of the file system.
    ///
    /// Nil if the system does not report them.
    var bytes: (free: UInt64, size: UInt64)? {
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return nil }
        let unit = UInt64(disk.f_frsize)
        return (UInt64(disk.f_bavail) * unit, UInt64(disk.f_blocks) * unit)
    }

    /// The reason why the database cannot be written, or nil.
    var fault: String? {
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return nil }
        // ST_RDONLY of statvfs(3), a macro with a cast, which Swift does not import.
        if disk.f_flag & 1 != 0 { return "cannot write: the disk of the database is read-only" }
        guard UInt64(disk.f_bavail) * UInt64(disk.f_frsize) >= Self.bytesMin else {
            return "cannot write: the disk of the database is full"
        }
        return nil
    }

    /// Whether there was space at the last measurement; true if that is unknown.
    var isThere: Bool {
        let now = monotonicMs()
        if now - lookedMs.load(ordering: .relaxed) >= Self.againMs {
            lookedMs.store(now, ordering: .relaxed)
            var disk = statvfs()
            let free =
                statvfs(path, &disk) == 0
                ? UInt64(disk.f_bavail) * UInt64(disk.f_frsize) : UInt64.max
            isThereStill.store(free >= Self.bytesMin, ordering: .relaxed)
        }
        return isThereStill.load(ordering: .relaxed)
    }
}

import Glibc
import Synchronization
import Threads

/// Whether the disk of the database has room for files of others.
///
/// nginx keeps answers in files, and hangs up where it cannot write one. So on a full disk nothing
/// is to be kept. That is noticed where nginx's cache is on the disk of the database.
final class DiskRoom: Sendable {
    /// What nginx writes before it hears of a disk that has become full.
    private static let bytesMin: UInt64 = 16 << 20
    /// How old the last look may be: at some thousand answers a second it need not be asked each time.
    private static let againMs: Int64 = 100

    private let path: String
    private let lookedMs = Atomic<Int64>(-againMs)
    private let isThereStill = Atomic(true)

    init(beside path: String) {
        self.path = path
    }

    /// Bytes that a program without privileges may still write, and the size of the file system;
    /// nil if the system does not tell.
    var bytes: (free: UInt64, size: UInt64)? {
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return nil }
        let unit = UInt64(disk.f_frsize)
        return (UInt64(disk.f_bavail) * unit, UInt64(disk.f_blocks) * unit)
    }

    /// Why the database cannot be written to, or nil.
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

    /// Whether there was room a moment ago; true where that cannot be told.
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

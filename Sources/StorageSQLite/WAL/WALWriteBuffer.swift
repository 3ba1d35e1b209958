import CSQLite
import Glibc

/// A VFS that writes each commit to the WAL with one system call.
///
/// SQLite writes each page of a commit with two calls. This VFS buffers writes to the WAL. It
/// flushes them when SQLite syncs the WAL, reads it, or releases the write lock, after which
/// another connection may append. Every connection uses `synchronous = FULL`, so a commit is synced
/// before it is reported.
///
/// Other operations are those of the system's VFS. The data of the replaced functions follows the
/// system's own part of each file object. See docs/decisions/0001, https://www.sqlite.org/vfs.html
/// and https://www.sqlite.org/walformat.html
enum WALWriteBuffer {
    /// The name of the VFS for `sqlite3_open_v2`.
    ///
    /// It is nil if the VFS cannot be registered. Files are then opened with the system's VFS.
    static let vfsName: String? = {
        guard let system = sqlite3_vfs_find(nil), let name = strdup("souk-wal") else { return nil }
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: system.pointee)
        vfs.pointee.pNext = nil
        vfs.pointee.zName = UnsafePointer(name)
        vfs.pointee.szOsFile = Int32(systemSize + MemoryLayout<Extra>.stride)
        vfs.pointee.pAppData = UnsafeMutableRawPointer(system)
        vfs.pointee.xOpen = open
        return sqlite3_vfs_register(vfs, 0) == SQLITE_OK ? "souk-wal" : nil
    }()
}

private typealias File = UnsafeMutablePointer<sqlite3_file>

/// The size of the system's part of a file object in bytes, rounded up to a multiple of 16.
private let systemSize = Int((sqlite3_vfs_find(nil)?.pointee.szOsFile ?? 0) + 15) & ~15

/// The data of this VFS for one open database or WAL.
private struct Extra {
    /// 63 pages of 2 KiB, and the most that the system's VFS writes with one call.
    ///
    /// For more bytes, `seekAndWriteFd` in os_unix.c writes only the size modulo 128 KiB.
    static let capacity: Int64 = 0x1FFFF

    /// The system's functions.
    let system: sqlite3_io_methods
    /// The system's functions, some of them replaced.
    var replaced: sqlite3_io_methods
    /// For a database its open WAL, and for a WAL its database.
    var partner: File?
    /// For a WAL: the buffered bytes, their offset in the file, and their number.
    var bytes: UnsafeMutableRawPointer?
    var start: Int64 = 0
    var count: Int64 = 0
}

private func extra(_ file: File) -> UnsafeMutablePointer<Extra> {
    (UnsafeMutableRawPointer(file) + systemSize).assumingMemoryBound(to: Extra.self)
}

/// Opens a file with the system's VFS and replaces some of its functions.
private func open(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: sqlite3_filename?, _ file: File?,
    _ flags: Int32, _ outFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let file, let system = vfs?.pointee.pAppData else { return SQLITE_MISUSE }
    let vfs = system.assumingMemoryBound(to: sqlite3_vfs.self)
    let code = vfs.pointee.xOpen(vfs, name, file, flags, outFlags)
    guard code == SQLITE_OK, let methods = file.pointee.pMethods else { return code }
    let isWAL = flags & SQLITE_OPEN_WAL != 0
    guard isWAL || flags & SQLITE_OPEN_MAIN_DB != 0 else { return code }
    let own = extra(file)
    own.initialize(to: Extra(system: methods.pointee, replaced: methods.pointee))
    if isWAL {
        // The write lock of a WAL belongs to the file object of its database.
        guard let database = sqlite3_database_file_object(name) else { return code }
        own.pointee.partner = database
        extra(database).pointee.partner = file
        replaceForWAL(&own.pointee.replaced)
    } else {
        own.pointee.replaced.xShmLock = lock
    }
    file.pointee.pMethods = UnsafePointer(own.pointer(to: \.replaced))
    return code
}

/// Acquires and releases the locks of a WAL; the first one is WAL_WRITE_LOCK.
private func lock(_ file: File?, _ first: Int32, _ count: Int32, _ flags: Int32) -> Int32 {
    guard let file else { return SQLITE_MISUSE }
    let isLetGo = flags & SQLITE_SHM_UNLOCK != 0 && flags & SQLITE_SHM_EXCLUSIVE != 0
    if isLetGo, first == 0, let log = extra(file).pointee.partner {
        // Frames that were not synced before this belong to a transaction that was rolled back.
        _ = flush(log)
    }
    return extra(file).pointee.system.xShmLock(file, first, count, flags)
}

private func replaceForWAL(_ methods: inout sqlite3_io_methods) {
    methods.xWrite = { file, source, amount, offset in
        guard let file, let source else { return SQLITE_MISUSE }
        return write(source, Int64(amount), to: file, at: offset)
    }
    methods.xRead = { file, target, amount, offset in
        flushed(file) { $1.xRead($0, target, amount, offset) }
    }
    methods.xTruncate = { file, size in flushed(file) { $1.xTruncate($0, size) } }
    methods.xSync = { file, flags in flushed(file) { $1.xSync($0, flags) } }
    methods.xFileSize = { file, size in flushed(file) { $1.xFileSize($0, size) } }
    methods.xClose = { file in
        guard let file else { return SQLITE_MISUSE }
        free(extra(file).pointee.bytes)
        if let database = extra(file).pointee.partner { extra(database).pointee.partner = nil }
        return extra(file).pointee.system.xClose(file)
    }
}

/// Buffers a page or a part of one, at most 64 KiB.
private func write(
    _ source: UnsafeRawPointer, _ amount: Int64, to file: File, at offset: Int64
) -> Int32 {
    let log = extra(file)
    if offset != log.pointee.start + log.pointee.count
        || log.pointee.count + amount > Extra.capacity
    {
        let code = flush(file)
        guard code == SQLITE_OK else { return code }
        log.pointee.start = offset
    }
    log.pointee.bytes = log.pointee.bytes ?? malloc(Int(Extra.capacity))
    guard let bytes = log.pointee.bytes else {
        return log.pointee.system.xWrite(file, source, Int32(amount), offset)
    }
    memcpy(bytes + Int(log.pointee.count), source, Int(amount))
    log.pointee.count += amount
    return SQLITE_OK
}

/// Writes the buffer to the file and empties it, even if the write fails.
///
/// After a failure, SQLite rolls the transaction back.
private func flush(_ file: File) -> Int32 {
    let log = extra(file)
    guard log.pointee.count > 0 else { return SQLITE_OK }
    defer { log.pointee.count = 0 }
    return log.pointee.system.xWrite(
        file, log.pointee.bytes, Int32(log.pointee.count), log.pointee.start)
}

/// Flushes the buffer, then runs `body`.
private func flushed(_ file: File?, _ body: (File, sqlite3_io_methods) -> Int32) -> Int32 {
    guard let file else { return SQLITE_MISUSE }
    let code = flush(file)
    return code == SQLITE_OK ? body(file, extra(file).pointee.system) : code
}

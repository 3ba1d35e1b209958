import CSQLite
import Glibc

/// A way to files (a VFS) on which a commit goes to the log in one system call.
///
/// SQLite writes each page of a commit with two calls, 24 bytes and then the page, and ext4 takes
/// 10 µs for the pair; all of them in one call take 1 µs each. So what is written to a log stands in
/// a buffer until SQLite asks for it to be durable, or to be read, or lets go of the lock under which
/// it wrote: whatever is in the log then belongs to whoever has the lock next. With `synchronous =
/// FULL`, which every connection of ours has, a commit is made durable before anybody is told of it.
///
/// Files are the system's own but for the functions that are replaced here, and what those need lies
/// behind each of them.
/// https://www.sqlite.org/vfs.html, https://www.sqlite.org/walformat.html
enum WALWriteBuffer {
    /// What `sqlite3_open_v2` knows it by, or nil where it could not be registered: then files are
    /// opened the usual way.
    static let vfsName: String? = {
        guard let system = sqlite3_vfs_find(nil), let name = strdup("souk-log") else { return nil }
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: system.pointee)
        vfs.pointee.pNext = nil
        vfs.pointee.zName = UnsafePointer(name)
        vfs.pointee.szOsFile = Int32(systemSize + MemoryLayout<Extra>.stride)
        vfs.pointee.pAppData = UnsafeMutableRawPointer(system)
        vfs.pointee.xOpen = open
        return sqlite3_vfs_register(vfs, 0) == SQLITE_OK ? "souk-log" : nil
    }()
}

private typealias File = UnsafeMutablePointer<sqlite3_file>

/// How much of an open file is the system's.
private let systemSize = Int((sqlite3_vfs_find(nil)?.pointee.szOsFile ?? 0) + 15) & ~15

/// What lies behind an open database or log.
private struct Extra {
    /// 63 pages of 2 KiB, and as much as the system's file takes at once: of more it would write the rest
    /// modulo 128 KiB, and of 128 KiB nothing (os_unix.c, seekAndWriteFd).
    static let capacity: Int64 = 0x1FFFF

    /// The system's functions.
    let system: sqlite3_io_methods
    /// The same, some of them replaced.
    var replaced: sqlite3_io_methods
    /// Of a database its log, while that is open; of a log its database.
    var partner: File?
    /// Of a log, what is to be written, where in the file it belongs, and how much it is.
    var bytes: UnsafeMutableRawPointer?
    var start: Int64 = 0
    var count: Int64 = 0
}

private func extra(_ file: File) -> UnsafeMutablePointer<Extra> {
    (UnsafeMutableRawPointer(file) + systemSize).assumingMemoryBound(to: Extra.self)
}

/// Opens as the system does, and replaces what there is to replace.
private func open(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: sqlite3_filename?, _ file: File?,
    _ flags: Int32, _ outFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let file, let system = vfs?.pointee.pAppData else { return SQLITE_MISUSE }
    let vfs = system.assumingMemoryBound(to: sqlite3_vfs.self)
    let code = vfs.pointee.xOpen(vfs, name, file, flags, outFlags)
    guard code == SQLITE_OK, let methods = file.pointee.pMethods else { return code }
    let isLog = flags & SQLITE_OPEN_WAL != 0
    guard isLog || flags & SQLITE_OPEN_MAIN_DB != 0 else { return code }
    let own = extra(file)
    own.initialize(to: Extra(system: methods.pointee, replaced: methods.pointee))
    if isLog {
        // The lock under which a log is written is its database's.
        guard let database = sqlite3_database_file_object(name) else { return code }
        own.pointee.partner = database
        extra(database).pointee.partner = file
        replaceForLog(&own.pointee.replaced)
    } else {
        own.pointee.replaced.xShmLock = lock
    }
    file.pointee.pMethods = UnsafePointer(own.pointer(to: \.replaced))
    return code
}

/// Takes and lets go of locks on the log, of which the first is the one to write (WAL_WRITE_LOCK).
private func lock(_ file: File?, _ first: Int32, _ count: Int32, _ flags: Int32) -> Int32 {
    guard let file else { return SQLITE_MISUSE }
    let isLetGo = flags & SQLITE_SHM_UNLOCK != 0 && flags & SQLITE_SHM_EXCLUSIVE != 0
    if isLetGo, first == 0, let log = extra(file).pointee.partner {
        // What has not been asked for by now was given up, and nobody misses it.
        _ = flush(log)
    }
    return extra(file).pointee.system.xShmLock(file, first, count, flags)
}

private func replaceForLog(_ methods: inout sqlite3_io_methods) {
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

/// Takes a page, or a part of one: 64 KiB at most.
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

/// What fails is forgotten: SQLite gives the transaction up.
private func flush(_ file: File) -> Int32 {
    let log = extra(file)
    guard log.pointee.count > 0 else { return SQLITE_OK }
    defer { log.pointee.count = 0 }
    return log.pointee.system.xWrite(
        file, log.pointee.bytes, Int32(log.pointee.count), log.pointee.start)
}

/// Runs `body` on a log that has all that was written to it.
private func flushed(_ file: File?, _ body: (File, sqlite3_io_methods) -> Int32) -> Int32 {
    guard let file else { return SQLITE_MISUSE }
    let code = flush(file)
    return code == SQLITE_OK ? body(file, extra(file).pointee.system) : code
}

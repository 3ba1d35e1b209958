import CSQLite
import Glibc

/// A way to files (a VFS) on which a commit goes to the log in one system call.
///
/// SQLite writes each page of a commit with two calls, 24 bytes and then the page, and ext4 takes
/// 10 µs for the pair; all of them in one call take 1 µs each. So what is written to a log stands in
/// a buffer until SQLite asks for it to be durable, or to be read. With `synchronous = FULL`, which
/// every connection of ours has, it does so before anybody is told of a commit. All other files are
/// the system's own.
/// https://www.sqlite.org/vfs.html, https://www.sqlite.org/walformat.html
enum LogBuffer {
    /// What `sqlite3_open_v2` knows it by, or nil where it could not be registered: then files are
    /// opened the usual way.
    static let vfsName: String? = {
        guard let system = sqlite3_vfs_find(nil), let name = strdup("souk-log") else { return nil }
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: system.pointee)
        vfs.pointee.pNext = nil
        vfs.pointee.zName = UnsafePointer(name)
        vfs.pointee.szOsFile += Int32(MemoryLayout<LogFile>.stride)
        vfs.pointee.pAppData = UnsafeMutableRawPointer(system)
        vfs.pointee.xOpen = open
        return sqlite3_vfs_register(vfs, 0) == SQLITE_OK ? "souk-log" : nil
    }()
}

/// An open log: SQLite's own fields first, and the system's file behind it.
private struct LogFile {
    /// 31 pages, and as much as the system's file takes at once: of more it would write the rest
    /// modulo 128 KiB, and of 128 KiB nothing (os_unix.c, seekAndWriteFd).
    static let capacity: Int64 = 0x1FFFF

    private var sqlite = sqlite3_file()
    private let file: UnsafeMutablePointer<sqlite3_file>
    private var bytes: UnsafeMutableRawPointer?
    /// Where in the file the bytes belong, and how many there are.
    private var start: Int64 = 0
    private var count: Int64 = 0

    /// What is at `memory` once the system has opened its file there.
    init(_ file: UnsafeMutablePointer<sqlite3_file>) {
        self.file = file
        // SQLite closes only what has methods.
        if file.pointee.pMethods != nil { sqlite.pMethods = UnsafePointer(methods) }
    }

    /// The system's file, which has all that was written.
    mutating func flushed(
        _ body: (UnsafeMutablePointer<sqlite3_file>, sqlite3_io_methods) -> Int32
    ) -> Int32 {
        let code = flush()
        return code == SQLITE_OK ? withFile(body) : code
    }

    func withFile(
        _ body: (UnsafeMutablePointer<sqlite3_file>, sqlite3_io_methods) -> Int32
    ) -> Int32 {
        body(file, file.pointee.pMethods.pointee)
    }

    /// Takes a page, or a part of one: 64 KiB at most.
    mutating func write(_ source: UnsafeRawPointer, _ amount: Int64, at offset: Int64) -> Int32 {
        if offset != start + count || count + amount > LogFile.capacity {
            let code = flush()
            guard code == SQLITE_OK else { return code }
            start = offset
        }
        bytes = bytes ?? malloc(Int(LogFile.capacity))
        guard let bytes else {
            return withFile { $1.xWrite($0, source, Int32(amount), offset) }
        }
        memcpy(bytes + Int(count), source, Int(amount))
        count += amount
        return SQLITE_OK
    }

    /// What fails is forgotten: SQLite gives the transaction up.
    private mutating func flush() -> Int32 {
        guard count > 0 else { return SQLITE_OK }
        defer { count = 0 }
        return withFile { $1.xWrite($0, bytes, Int32(count), start) }
    }

    mutating func close() -> Int32 {
        _ = flush()
        free(bytes)
        return withFile { $1.xClose($0) }
    }
}

/// Runs `body` on what SQLite has opened as `file`.
private func on(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ body: (inout LogFile) -> Int32
) -> Int32 {
    guard let file else { return SQLITE_MISUSE }
    return body(&UnsafeMutableRawPointer(file).assumingMemoryBound(to: LogFile.self).pointee)
}

/// A log gets a buffer, and everything else is opened as ever.
private func open(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: sqlite3_filename?,
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
    _ outFlags: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let file, let system = vfs?.pointee.pAppData else { return SQLITE_MISUSE }
    let vfs = system.assumingMemoryBound(to: sqlite3_vfs.self)
    guard flags & SQLITE_OPEN_WAL != 0 else {
        return vfs.pointee.xOpen(vfs, name, file, flags, outFlags)
    }
    let inner = (UnsafeMutableRawPointer(file) + MemoryLayout<LogFile>.stride)
        .assumingMemoryBound(to: sqlite3_file.self)
    inner.pointee.pMethods = nil
    let code = vfs.pointee.xOpen(vfs, name, inner, flags, outFlags)
    UnsafeMutableRawPointer(file).initializeMemory(as: LogFile.self, to: LogFile(inner))
    return code
}

/// What SQLite calls on an open log.
///
/// Locks and shared memory belong to the database's own file.
///
/// `nonisolated(unsafe)`: made once and never changed.
nonisolated(unsafe) private let methods: UnsafeMutablePointer<sqlite3_io_methods> = {
    var methods = sqlite3_io_methods()
    methods.iVersion = 1
    methods.xClose = { on($0) { $0.close() } }
    methods.xRead = { file, target, amount, offset in
        on(file) { $0.flushed { $1.xRead($0, target, amount, offset) } }
    }
    methods.xWrite = { file, source, amount, offset in
        guard let source else { return SQLITE_MISUSE }
        return on(file) { $0.write(source, Int64(amount), at: offset) }
    }
    methods.xTruncate = { file, size in on(file) { $0.flushed { $1.xTruncate($0, size) } } }
    methods.xSync = { file, flags in on(file) { $0.flushed { $1.xSync($0, flags) } } }
    methods.xFileSize = { file, size in on(file) { $0.flushed { $1.xFileSize($0, size) } } }
    methods.xLock = { file, level in on(file) { $0.withFile { $1.xLock($0, level) } } }
    methods.xUnlock = { file, level in on(file) { $0.withFile { $1.xUnlock($0, level) } } }
    methods.xCheckReservedLock = { file, result in
        on(file) { $0.withFile { $1.xCheckReservedLock($0, result) } }
    }
    methods.xFileControl = { file, operation, argument in
        on(file) { $0.withFile { $1.xFileControl($0, operation, argument) } }
    }
    methods.xSectorSize = { file in on(file) { $0.withFile { $1.xSectorSize($0) } } }
    methods.xDeviceCharacteristics = { file in
        on(file) { $0.withFile { $1.xDeviceCharacteristics($0) } }
    }
    let pointer = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    pointer.initialize(to: methods)
    return pointer
}()

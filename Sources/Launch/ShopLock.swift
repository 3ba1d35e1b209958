import Glibc

/// Locks the shop of the database `database` until this process ends.
///
/// Programs that use the shop hold a shared lock, and `souk restore` holds an exclusive one. The
/// lock file `souk.db.lock` is next to the database and is never removed. The database cannot serve
/// as the lock file: closing a second descriptor of it would drop the locks of SQLite.
/// https://www.sqlite.org/howtocorrupt.html
/// - Throws: `SettingsError` if another process holds a conflicting lock.
public func lockShop(_ database: String, alone: Bool = false) throws {
    let path = "\(database).lock"
    let descriptor = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
        // The folder does not exist; opening the database reports that.
        if errno == ENOENT { return }
        throw SettingsError(
            description: "\(path) cannot be opened: \(String(cString: strerror(errno))).")
    }
    giveToOwner(of: database, descriptor)
    guard flock(descriptor, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 else { return }
    let reason = errno
    close(descriptor)
    guard reason == EWOULDBLOCK else {
        throw SettingsError(
            description: "\(path) cannot be locked: \(String(cString: strerror(reason))).")
    }
    throw SettingsError(
        description: alone
            ? "The shop is in use. Stop its responders and all running `souk` commands."
            : "\(database) is being restored. Retry when the restore is done.")
}

/// The responders must be able to open a file that root created.
private func giveToOwner(of database: String, _ descriptor: Int32) {
    var owner = stat()
    guard geteuid() == 0, stat(database, &owner) == 0 else { return }
    fchown(descriptor, owner.st_uid, owner.st_gid)
}

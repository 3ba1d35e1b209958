import Glibc

/// Takes the lock of the shop whose database is `database`, until this process ends, however it
/// does.
///
/// Whoever uses the shop shares it, and `souk restore` has it alone. It is a file beside the
/// database, `souk.db.lock`, which is never removed: to open the database itself once more would
/// lose SQLite's locks when that is closed again. https://www.sqlite.org/howtocorrupt.html
/// - Throws: `SettingsError` where somebody has the lock and must not be disturbed.
public func lockShop(_ database: String, alone: Bool = false) throws {
    let path = "\(database).lock"
    let descriptor = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
        // No folder: SQLite has a sentence for that.
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
            ? "The shop is open. Stop its responders and every running `souk` command."
            : "\(database) is being restored: try again when that is done.")
}

/// What root makes, the responders must be able to open.
private func giveToOwner(of database: String, _ descriptor: Int32) {
    var owner = stat()
    guard geteuid() == 0, stat(database, &owner) == 0 else { return }
    fchown(descriptor, owner.st_uid, owner.st_gid)
}

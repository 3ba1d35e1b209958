import FoundationEssentials
import Glibc
public import Service
import Storage
import Synchronization
public import Values

/// The file with the secrets of the shop, which only its owner may read.
///
/// Each line has one secret; the first one signs. A former secret is followed by a space and an RFC
/// 3339 expiry time. An operator may create the file with one line of long random text.
public struct KeyFile: Sendable {
    let path: String

    /// Creates the key file at `path`.
    public init(path: String) {
        self.path = path
    }

    /// The secrets, which follow changes of the file: a rotation needs no restart.
    ///
    /// If the file becomes unusable, the loaded secrets stay in force. `report` is then called with
    /// the reason, and with nil once the file is usable again. It may be called often.
    /// - Throws: `SettingsError`, see `read`.
    public func ring(report: @escaping @Sendable (String?) -> Void = { _ in }) throws -> KeyRing {
        let seen = Mutex(try stamp())
        return KeyRing(try read(at: .now()).map(\.key)) {
            do {
                let stamp = try stamp()
                let isNew = seen.withLock { $0 != stamp }
                let lines = isNew ? try read(at: .now()) : []
                seen.withLock { $0 = stamp }
                report(nil)
                return isNew ? lines.map(\.key) : nil
            } catch {
                report("\(error)")
                return nil
            }
        }
    }

    /// The reason why the file could not be read at the next start, or nil.
    func fault() -> String? {
        do {
            _ = try read(at: .now())
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Adds a new secret before the others, which are kept for `keptSeconds`.
    ///
    /// Pass the longest time for which data of the old secrets is in use.
    /// - Throws: `SettingsError`
    public func rotate(at now: Instant, keptSeconds: Int64) throws {
        let former = try read(at: now).map {
            KeyLine(secret: $0.secret, until: $0.until ?? now.adding(seconds: keptSeconds))
        }
        try write([KeyLine(secret: KeyFile.random(), until: nil)] + former)
    }

    /// Creates the file with one secret if it does not exist.
    /// - Returns: whether it was created.
    /// - Throws: `SettingsError`
    @discardableResult
    public func create() throws -> Bool {
        guard access(path, F_OK) != 0 else { return false }
        try write([KeyLine(secret: KeyFile.random(), until: nil)])
        return true
    }
}

/// A secret of the file.
private struct KeyLine {
    let secret: [UInt8]
    let until: Instant?

    var key: KeyRing.Key { .init(secret: secret, until: until) }

    var text: String {
        let secret = String(decoding: secret, as: UTF8.self)
        return until.map { "\(secret) \($0.rfc3339)\n" } ?? "\(secret)\n"
    }
}

extension KeyFile {
    /// The secrets that have not expired.
    private func read(at now: Instant) throws -> [KeyLine] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError(description: "The signing key \(path) cannot be read.")
        }
        guard try stamp().mode & 0o007 == 0 else {
            throw SettingsError(
                description:
                    "The signing key \(path) is accessible to all users. Set its mode to 600.")
        }
        // A lossy conversion would map all invalid bytes to the same character.
        guard let text = String(validating: data, as: UTF8.self) else {
            throw SettingsError(description: "The signing key \(path) is not text in UTF-8.")
        }
        let lines = try text.split(whereSeparator: \.isNewline).map { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            guard let secret = parts.first, secret.utf8.count >= 32 else {
                throw SettingsError(description: "The signing key \(path) has fewer than 32 bytes.")
            }
            let until = parts.count > 1 ? Instant(rfc3339: String(parts[1])) : nil
            guard parts.count == 1 || until != nil else {
                throw SettingsError(
                    description: "The signing key \(path) has a line with an invalid expiry time.")
            }
            return KeyLine(secret: Array(secret.utf8), until: until)
        }
        guard let first = lines.first else {
            throw SettingsError(description: "The signing key \(path) has fewer than 32 bytes.")
        }
        return [first] + lines.dropFirst().filter { $0.until.map { $0 > now } ?? true }
    }

    /// Replaces the file atomically: a reader sees the old file or the new one.
    private func write(_ lines: [KeyLine]) throws {
        let new = "\(path).new"
        unlink(new)
        let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        let bytes = Array(lines.map(\.text).joined().utf8)
        // Keep the owner and the mode of the old file, without access for others.
        if let before = try? stamp() {
            fchown(file, before.owner, before.group)
            fchmod(file, before.mode & 0o660)
        }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0,
            rename(new, path) == 0
        else { throw failure() }
    }

    private func failure() -> SettingsError {
        SettingsError(
            description:
                "The signing key \(path) cannot be written: \(String(cString: strerror(errno))).")
    }

    /// The attributes of the file that show a change.
    private struct Stamp: Equatable {
        let inode: UInt
        let seconds: Int
        let nanoseconds: Int
        let bytes: Int
        let mode: UInt32
        let owner: UInt32
        let group: UInt32
    }

    private func stamp() throws -> Stamp {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw SettingsError(description: "The signing key \(path) cannot be read.")
        }
        return Stamp(
            inode: status.st_ino, seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec, bytes: status.st_size,
            mode: status.st_mode, owner: status.st_uid, group: status.st_gid)
    }

    /// A secret of 384 random bits in base64; HS256 requires 256 bits.
    private static func random() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<48).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        return Array(Data(bytes).base64EncodedString().utf8)
    }
}

import FoundationEssentials
import Glibc
public import Service
import Storage
import Synchronization
public import Values

/// The file of the shop's secrets, for the owner's eyes only.
///
/// A line each, the one that signs first: the secret, and behind a space, for a former one, the
/// time in RFC 3339 until which it is kept. A file with one line is what a person makes who writes
/// a long random text into it.
public struct KeyFile: Sendable {
    let path: String

    /// The file at `path`.
    public init(path: String) {
        self.path = path
    }

    /// Its secrets, kept in step with the file: a responder takes over a rotation without a
    /// restart.
    ///
    /// If the file becomes unusable, the secrets in force stay. `report` is then called with the
    /// reason, and with nil once the file is usable again; it may be called often.
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

    /// Why the next start would fail, or nil: the file is read.
    func fault() -> String? {
        do {
            _ = try read(at: .now())
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Puts a new secret in front; the others are kept for `keptSeconds`, as long as something can
    /// come that they are needed for.
    /// - Throws: `SettingsError`
    public func rotate(at now: Instant, keptSeconds: Int64) throws {
        let former = try read(at: now).map {
            KeyLine(secret: $0.secret, until: $0.until ?? now.adding(seconds: keptSeconds))
        }
        try write([KeyLine(secret: KeyFile.random(), until: nil)] + former)
    }

    /// Makes the file with one secret, where there is none yet.
    /// - Returns: whether it was made now.
    /// - Throws: `SettingsError`
    @discardableResult
    public func create() throws -> Bool {
        guard access(path, F_OK) != 0 else { return false }
        try write([KeyLine(secret: KeyFile.random(), until: nil)])
        return true
    }
}

/// One secret of the file.
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
    /// What is not past its time.
    private func read(at now: Instant) throws -> [KeyLine] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError(description: "The signing key \(path) cannot be read.")
        }
        guard try stamp().mode & 0o007 == 0 else {
            throw SettingsError(
                description: "The signing key \(path) can be read by anybody: chmod 600.")
        }
        // Read as text in spite of it, every bad byte would be the same character.
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
                    description: "The signing key \(path) has a line that ends in no time.")
            }
            return KeyLine(secret: Array(secret.utf8), until: until)
        }
        guard let first = lines.first else {
            throw SettingsError(description: "The signing key \(path) has fewer than 32 bytes.")
        }
        return [first] + lines.dropFirst().filter { $0.until.map { $0 > now } ?? true }
    }

    /// Replaces the file in one step: whoever reads it sees the old one or the new.
    private func write(_ lines: [KeyLine]) throws {
        let new = "\(path).new"
        unlink(new)
        let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        let bytes = Array(lines.map(\.text).joined().utf8)
        // Whoever could read the old one, and nobody else.
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

    /// What changes when the file does.
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

    /// 384 bits in base64, which is more than the 256 that HS256 asks for.
    private static func random() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<48).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        return Array(Data(bytes).base64EncodedString().utf8)
    }
}

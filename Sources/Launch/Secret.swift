import FoundationEssentials
import Glibc

/// The key under which tokens are signed: the bytes of a file, 32 or more of them (RFC 7518 §3.2).
/// - Throws: `SettingsError` where the file is missing, too short, or readable by others.
func readSecret(from path: String) throws -> [UInt8] {
    var status = stat()
    guard stat(path, &status) == 0, let data = FileManager.default.contents(atPath: path) else {
        throw SettingsError(description: "The signing key \(path) cannot be read.")
    }
    guard status.st_mode & 0o007 == 0 else {
        throw SettingsError(
            description: "The signing key \(path) can be read by anybody: chmod 600.")
    }
    guard data.count >= 32 else {
        throw SettingsError(description: "The signing key \(path) has fewer than 32 bytes.")
    }
    return Array(data)
}

/// Makes a signing key where there is none yet: 32 random bytes, for the owner's eyes only.
/// - Returns: whether it was made now.
/// - Throws: `SettingsError` where it cannot be.
@discardableResult
public func createSecret(at path: String) throws -> Bool {
    // O_EXCL: two that start at once must not sign with different keys.
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else {
        if errno == EEXIST { return false }
        throw SettingsError(
            description:
                "The signing key \(path) cannot be made: \(String(cString: strerror(errno))).")
    }
    defer { close(file) }
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
        throw SettingsError(description: "The signing key \(path) cannot be written.")
    }
    return true
}

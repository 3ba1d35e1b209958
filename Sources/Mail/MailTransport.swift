public import Curl
import Glibc

/// How messages leave the shop.
public enum MailTransport: Sendable {
    /// Each message becomes a file `<id>.eml` in a folder.
    case folder(String)
    /// A mail server takes each message.
    case server(SMTPServer, SMTPCredentials?)

    /// Sends a message.
    /// - Returns: nil, or the reason why it failed.
    public func send(_ message: MailMessage) -> MailFailure? {
        switch self {
        case .folder(let folder):
            return write(message.bytes, to: "\(folder)/\(message.id).eml")
        case .server(let server, let credentials):
            let delivery = SMTPDelivery(
                to: server, credentials, sender: message.from.address, recipient: message.to,
                message: message.bytes)
            switch delivery.send() {
            case .success: return nil
            case .failure(let failure):
                return MailFailure(
                    isPermanent: failure.isPermanent,
                    description: "\(failure.code.rawValue): \(failure.detail)")
            }
        }
    }

    /// Writes a file completely or not at all.
    private func write(_ bytes: [UInt8], to path: String) -> MailFailure? {
        func failed() -> MailFailure {
            MailFailure(
                isPermanent: false, description: "\(path): \(String(cString: strerror(errno)))")
        }
        let part = "\(path).part"
        let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return failed() }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return failed() }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0, rename(part, path) == 0 else { return failed() }
        return nil
    }
}

/// Why a message was not sent.
public struct MailFailure: Error, Sendable {
    /// Whether another attempt cannot succeed.
    public let isPermanent: Bool
    /// The reason for the operator.
    public let description: String
}

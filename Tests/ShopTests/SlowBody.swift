import Foundation
import ShopFixture

/// A request to a responder's own socket (FastCGI 1.0) whose body comes one byte at a time, and keeps one
/// worker busy meanwhile.
///
/// `@unchecked Sendable`: one thread at a time.
final class SlowBody: @unchecked Sendable {
    private let connection: UnreadConnection
    private var bytesLeft: Int

    /// Connects to the unix socket at `path`, and sends all of a request except its body.
    init(_ path: String, bytes: Int) throws {
        bytesLeft = bytes
        connection = try UnreadConnection(path)
        try connection.send(bytes: UnreadConnection.head("POST", "/", bodyBytes: bytes))
    }

    var isFinished: Bool { bytesLeft == 0 }

    /// Sends the next byte if a worker has read the one before; if the responder is gone, to nobody.
    func sendByte() {
        guard bytesLeft > 0, connection.unreadByPeer == 0 else { return }
        bytesLeft -= 1
        let end = bytesLeft == 0 ? UnreadConnection.record(5, []) : []
        try? connection.send(bytes: UnreadConnection.record(5, [0x20]) + end)
    }
}

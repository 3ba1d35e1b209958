import Foundation
import ShopFixture

/// A request to a responder's socket (FastCGI 1.0) whose body is sent one byte at a time.
///
/// It keeps one worker busy.
///
/// `@unchecked Sendable`: only one thread at a time may use it.
final class SlowBody: @unchecked Sendable {
    private let connection: UnreadConnection
    private var bytesLeft: Int

    /// Connects to the unix socket at `path`, and sends a request without its body.
    init(_ path: String, bytes: Int) throws {
        bytesLeft = bytes
        connection = try UnreadConnection(path)
        try connection.send(bytes: UnreadConnection.head("POST", "/", bodyBytes: bytes))
    }

    var isFinished: Bool { bytesLeft == 0 }

    /// Sends the next byte if a worker has read the previous one.
    ///
    /// Does nothing if the responder is gone.
    func sendByte() {
        guard bytesLeft > 0, connection.unreadByPeer == 0 else { return }
        bytesLeft -= 1
        let end = bytesLeft == 0 ? UnreadConnection.record(5, []) : []
        try? connection.send(bytes: UnreadConnection.record(5, [0x20]) + end)
    }
}

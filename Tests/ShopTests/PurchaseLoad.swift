import Foundation
import ShopFixture
import Synchronization
import TestShop

/// Many clients that order concurrently, each on a connection of its own.
///
/// They wait for responses longer than nginx does.
final class PurchaseLoad: Sendable {
    private let answers = Mutex<[Int: Int]>([:])
    private let isStopping = Atomic(false)
    private let done = DispatchSemaphore(value: 0)

    /// Starts the clients, which all use one customer's token.
    init(on port: UInt16, clients: Int, token: String) {
        let body = #"{"items":[{"product_id":1,"quantity":1}]}"#
        let request = """
            POST /sales HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r
            Authorization: Bearer \(token)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)
            """
        Thread.detachNewThread { [self] in
            onThreads(clients) { _ in self.buy(on: port, Array(request.utf8)) }
            done.signal()
        }
    }

    private func buy(on port: UInt16, _ request: [UInt8]) {
        while !isStopping.load(ordering: .relaxed) {
            var status = 0
            if let connection = try? HTTPConnection(port: port, seconds: 40) {
                try? connection.send(request)
                status = (try? connection.answer().status) ?? 0
            }
            answers.withLock { $0[status, default: 0] += 1 }
        }
    }

    /// Waits for the last responses.
    ///
    /// - Returns: how many there were of each status; 0 is a broken connection.
    func stop() -> [Int: Int] {
        isStopping.store(true, ordering: .relaxed)
        done.wait()
        return answers.withLock { $0 }
    }
}

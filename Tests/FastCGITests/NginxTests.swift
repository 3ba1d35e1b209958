import Foundation
import HTTP
import Synchronization
import Testing
import Threads

@testable import FastCGI

extension FastCGITests {
    /// The same through a real web server, which keeps 32 connections to the listener.
    @Suite struct NginxTests {
        @Test func aLateRequestIsAnswered() throws {
            let fixture = try Fixture(workers: 4) { _ in
                // 64 requests for 4 workers make a queue of 48 ms.
                usleep(3000)
                return Response(status: .ok, body: Array("late".utf8))
            }
            defer { fixture.listener.drain() }
            guard let nginx = try Nginx(in: fixture.directory, for: fixture.path) else { return }
            let load = try Load(clients: 64, path: nginx.path)
            usleep(300_000)
            var times: [Double] = []
            for _ in 0..<25 {
                times.append(
                    try millisecondsOf {
                        let late = try Client(nginx.path)
                        let answer = try late.hypertext("GET /late HTTP/1.1\r\nHost: h\r\n\r\n")
                        #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
                    })
                usleep(20_000)
            }
            let answered = load.stop()
            times.sort()
            print(
                "late requests, ms: median \(times[12]), worst \(times[24]); answered besides:",
                answered)
            #expect(times[12] < 100)
            #expect(times[24] < 1000)
            #expect(answered > 500)
        }

        /// nginx retries no POST, so a successor can only answer requests that never arrived here.
        @Test func aPostIsNotLostWhenAListenerIsReplaced() throws {
            let directory = try TemporaryDirectory()
            let socket = try ListeningSocket(at: directory.path + "/s")
            defer { socket.close() }
            guard let nginx = try Nginx(in: directory, for: directory.path + "/s") else { return }
            let handle: @Sendable (Request) -> Response = { _ in
                Response(status: .ok, body: Array("sold".utf8))
            }
            func open() throws -> Listener {
                let next = try Listener(
                    on: .init(descriptor: dup(socket.descriptor), path: nil), .init(workers: 2),
                    logger: .init(label: "test"), handle: handle)
                try next.start()
                return next
            }
            var listener = try open()
            let load = try Load(clients: 16, path: nginx.path, method: "POST")
            for _ in 0..<40 {
                usleep(20_000)
                listener.drain()
                listener = try open()
            }
            let answered = load.stop()
            listener.drain()
            print("POSTs answered over 40 listeners:", answered)
            #expect(answered > 500)
        }

        @Test func bodiesOfEveryKindArrive() throws {
            let fixture = try Fixture(workers: 2)
            defer { fixture.listener.drain() }
            guard let nginx = try Nginx(in: fixture.directory, for: fixture.path) else { return }
            let client = try Client(nginx.path)
            for round in 0..<20 {
                let plain =
                    "POST /\(round)?q=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
                #expect(try client.hypertext(plain).hasSuffix("\nhello"))
                let chunked =
                    "PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
                #expect(try client.hypertext(chunked).hasSuffix("\nabcdefg"))
                let large = String(repeating: "x", count: Request.bodyBytesMax)
                let atBound =
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(large.utf8.count)\r\n\r\n"
                    + large
                #expect(try client.hypertext(atBound).hasSuffix("\n" + large))
                let length = large.utf8.count + 1
                let over =
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(length)\r\n\r\ny" + large
                #expect(try client.hypertext(over).hasPrefix("HTTP/1.1 413"))
            }
        }
    }
}

/// Clients that send the next request after each response.
private final class Load: Sendable {
    private let stopping = Atomic(false)
    private let answered = Atomic(0)
    private let threads = Mutex<[Threads.Thread]>([])

    init(clients: Int, path: String, method: String = "GET") throws {
        for number in 0..<clients {
            let client = try Client(path)
            let thread = try Threads.Thread(named: "client-\(number)") { [self] in
                while !stopping.load(ordering: .relaxed) {
                    let request =
                        "\(method) /\(number) HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
                    let answer = Result { try client.hypertext(request) }
                    guard case .success(let text) = answer, text.hasPrefix("HTTP/1.1 200") else {
                        Issue.record("a busy client was not answered: \(answer)")
                        return
                    }
                    answered.add(1, ordering: .relaxed)
                }
            }
            threads.withLock { $0.append(thread) }
        }
    }

    /// Ends the load.
    ///
    /// - Returns: the number of answered requests.
    func stop() -> Int {
        stopping.store(true, ordering: .relaxed)
        for thread in threads.withLock({ $0 }) { thread.join() }
        return answered.load(ordering: .relaxed)
    }
}

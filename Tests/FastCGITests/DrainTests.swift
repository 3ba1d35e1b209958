import Glibc
import HTTP
import Testing
import Threads

@testable import FastCGI

extension FastCGITests {
    @Suite struct DrainTests {
        @Test func anIdleListenerEndsAtOnce() throws {
            let fixture = try Fixture(workers: 8, configure: { $0.dismissalMs = 10_000 })
            let idle = try (0..<32).map { _ in try Client(fixture.path) }
            for client in idle { _ = try client.answer(WireRequest("GET", "/")) }
            let duration = try millisecondsOf {
                let drain = try fixture.startDrain()
                for client in idle { client.leaveWhenDismissed() }
                drain.join()
            }
            print("idle drain, ms:", duration)
            #expect(duration < 5000)
            #expect(idle.allSatisfy { $0.isClosed() })
            #expect(access(fixture.path, F_OK) != 0)
        }

        @Test func aConnectionThatStaysIsClosed() throws {
            let fixture = try Fixture(configure: { $0.dismissalMs = 50 })
            let idle = try (0..<4).map { _ in try Client(fixture.path) }
            for client in idle.dropLast() { _ = try client.answer(WireRequest("GET", "/")) }
            // The last connection has sent nothing yet, and may not be accepted yet.
            fixture.waitUntilOpen(4)
            fixture.listener.drain()
            for client in idle {
                #expect(client.isDismissed())
                #expect(client.isClosed())
            }
        }

        /// A request that nginx sent before it saw the dismissal would be lost, because nginx
        /// retries no POST.
        @Test func aRequestThatCrossesTheDismissalIsAnswered() throws {
            let fixture = try Fixture(workers: 1)
            let client = try Client(fixture.path)
            _ = try client.answer(WireRequest("GET", "/"))
            let drain = try fixture.startDrain()
            #expect(client.waitsToBeRead())
            let answer = try client.answer(WireRequest("POST", "/", body: Array("late".utf8)))
            #expect(answer.status == "Status: 200 OK")
            #expect(answer.text.hasSuffix("\nlate"))
            client.leaveWhenDismissed()
            drain.join()
            #expect(client.isClosed())
        }

        @Test func laterRequestsAreAnsweredForAWhile() throws {
            let fixture = try Fixture(configure: { $0.dismissalMs = 1000 })
            let client = try Client(fixture.path)
            _ = try client.answer(WireRequest("GET", "/"))
            let drain = try fixture.startDrain()
            #expect(client.waitsToBeRead())
            var answered = 0
            while (try? client.answer(WireRequest("GET", "/?sleep=5"))) != nil { answered += 1 }
            #expect(answered > 3)
            #expect(client.isClosed())
            drain.join()
        }

        @Test func aRequestInFlightIsAnswered() throws {
            let fixture = try Fixture(workers: 2)
            let clients = try (0..<2).map { _ in try Client(fixture.path) }
            for client in clients { client.send(WireRequest("GET", "/?sleep=300").bytes) }
            fixture.waitUntilBusy(2)
            let drain = try fixture.startDrain()
            for client in clients {
                #expect(try client.answer().status == "Status: 200 OK")
                client.leaveWhenDismissed()
                #expect(client.isClosed())
            }
            drain.join()
            #expect(fixture.listener.busy == 0)
        }

        @Test func aReceivedRequestOnAKeptConnectionIsAnswered() throws {
            let fixture = try Fixture(workers: 1)
            let clients = try (0..<6).map { _ in try Client(fixture.path) }
            for client in clients { _ = try client.answer(WireRequest("GET", "/")) }
            for client in clients { client.send(WireRequest("GET", "/?sleep=50").bytes) }
            fixture.waitUntilBusy(1)
            let drain = try fixture.startDrain()
            for client in clients {
                #expect(try client.answer().status == "Status: 200 OK")
                client.leaveWhenDismissed()
            }
            drain.join()
        }

        @Test func aSecondDrainDoesNothing() throws {
            let fixture = try Fixture()
            fixture.listener.drain()
            fixture.listener.drain()
            #expect(throws: Failure.self) { try Client(fixture.path) }
        }

        @Test func aListenerThatNeverStartedEndsToo() throws {
            let directory = try TemporaryDirectory()
            let listener = try Listener(
                on: ListeningSocket(at: directory.path + "/s"), .init(workers: 2),
                logger: .init(label: "test"), handle: echo)
            listener.drain()
            #expect(access(directory.path + "/s", F_OK) != 0)
        }

        @Test func aListenerNeedsAWorker() throws {
            let socket = try ListeningSocket(at: "127.0.0.1:0")
            defer { socket.close() }
            #expect(throws: StartError.self) {
                try Listener(
                    on: socket, .init(workers: 0), logger: .init(label: "test"), handle: echo)
            }
        }
    }
}

extension Fixture {
    /// Drains on another thread.
    fileprivate func startDrain() throws -> Threads.Thread {
        try Threads.Thread(named: "drain") { [listener] in listener.drain() }
    }

    /// Waits, at most 5 s, until as many connections are open.
    fileprivate func waitUntilOpen(_ count: Int) {
        for _ in 0..<5000 where listener.connectionsOpen != count { usleep(1000) }
    }
}

extension Client {
    fileprivate func leaveWhenDismissed() {
        #expect(isDismissed())
        finishSending()
    }

    /// Whether there is data to read within 5 s.
    fileprivate func waitsToBeRead() -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&ready, 1, 5000) == 1
    }
}

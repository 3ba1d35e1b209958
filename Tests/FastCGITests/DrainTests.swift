import FastCGI
import Glibc
import HTTP
import Testing

extension FastCGITests {
    @Suite struct DrainTests {
        @Test func anIdleListenerEndsAtOnce() throws {
            let fixture = try Fixture(workers: 8)
            let idle = try (0..<32).map { _ in try Client(fixture.path) }
            for client in idle { _ = try client.answer(WireRequest("GET", "/")) }
            let duration = millisecondsOf { fixture.listener.drain() }
            print("idle drain, ms:", duration)
            #expect(duration < 100)
            #expect(idle.allSatisfy { $0.isClosed() })
            #expect(access(fixture.path, F_OK) != 0)
        }

        @Test func aRequestInFlightIsAnswered() throws {
            let fixture = try Fixture(workers: 2)
            let clients = try (0..<2).map { _ in try Client(fixture.path) }
            for client in clients { client.send(WireRequest("GET", "/?sleep=300").bytes) }
            fixture.waitUntilBusy(2)
            fixture.listener.drain()
            for client in clients {
                #expect(try client.answer().status == "Status: 200 OK")
                #expect(client.isClosed())
            }
            #expect(fixture.listener.busy == 0)
        }

        @Test func whatHasArrivedOnAKeptConnectionIsAnswered() throws {
            let fixture = try Fixture(workers: 1)
            let clients = try (0..<6).map { _ in try Client(fixture.path) }
            for client in clients { _ = try client.answer(WireRequest("GET", "/")) }
            for client in clients { client.send(WireRequest("GET", "/?sleep=50").bytes) }
            fixture.waitUntilBusy(1)
            fixture.listener.drain()
            for client in clients { #expect(try client.answer().status == "Status: 200 OK") }
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

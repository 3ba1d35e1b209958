import Glibc
import HTTP
import Testing

@testable import FastCGI

extension FastCGITests {
    /// No peer and no handler delays others.
    @Suite struct WorkerTests {
        @Test func aSilentPeerHoldsOneWorkerUntilTheTimeout() throws {
            try Fixture(workers: 2, configure: { $0.receiveTimeoutMs = 2000 }).run { fixture in
                let silent = try Client(fixture.path)
                silent.send([1])
                fixture.waitUntilBusy(1)
                let other = try Client(fixture.path)
                let duration = try millisecondsOf {
                    for _ in 0..<20 { _ = try other.answer(WireRequest("GET", "/")) }
                }
                #expect(duration < 1500)
                #expect(silent.isClosed())
            }
        }

        @Test func asManySilentPeersAsWorkersHoldThemUntilTheTimeout() throws {
            try Fixture(workers: 2, configure: { $0.receiveTimeoutMs = 3000 }).run { fixture in
                let silent = try (0..<2).map { _ in try Client(fixture.path) }
                for client in silent { client.send([1]) }
                fixture.waitUntilBusy(2)
                let duration = try millisecondsOf {
                    _ = try Client(fixture.path).answer(WireRequest("GET", "/"))
                }
                // A busy machine may delay this thread after both workers were busy.
                #expect(duration > 100)
                #expect(duration < 8000)
            }
        }

        @Test func aPeerThatDoesNotReadHoldsAWorkerUntilTheTimeout() throws {
            let large = [UInt8](repeating: 65, count: 8 << 20)
            let fixture = try Fixture(
                workers: 1, handle: { _ in Response(status: .ok, body: large) },
                configure: { $0.sendTimeoutMs = 300 })
            defer { fixture.listener.drain() }
            let deaf = try Client(fixture.path)
            deaf.send(WireRequest("GET", "/").bytes)
            fixture.waitUntilBusy(1)
            let duration = millisecondsOf { fixture.waitUntilBusy(0) }
            #expect(duration < 2000)
        }

        @Test func aDisconnectedPeerCostsNothing() throws {
            try Fixture(workers: 1).run { fixture in
                for _ in 0..<50 {
                    let client = try Client(fixture.path)
                    client.send(WireRequest("GET", "/", body: [65]).bytes)
                }
                #expect(
                    try Client(fixture.path).answer(WireRequest("GET", "/")).status.hasSuffix("OK"))
            }
        }

        @Test func aSlowHandlerDelaysNoOtherRequest() throws {
            try Fixture(workers: 2).run { fixture in
                let slow = try Client(fixture.path)
                slow.send(WireRequest("GET", "/?sleep=2000").bytes)
                fixture.waitUntilBusy(1)
                let other = try Client(fixture.path)
                let duration = try millisecondsOf {
                    for _ in 0..<20 { _ = try other.answer(WireRequest("GET", "/")) }
                }
                #expect(duration < 1500)
                #expect(try slow.answer().status == "Status: 200 OK")
            }
        }

        @Test func idleConnectionsUseNoWorker() throws {
            try Fixture(workers: 4).run { fixture in
                let idle = try (0..<64).map { _ in try Client(fixture.path) }
                for client in idle { _ = try client.answer(WireRequest("GET", "/")) }
                let duration = try millisecondsOf {
                    _ = try Client(fixture.path).answer(WireRequest("GET", "/"))
                }
                // An idle connection would keep its worker for 10 s.
                #expect(duration < 5000)
                for client in idle { _ = try client.answer(WireRequest("GET", "/again")) }
                fixture.waitUntilBusy(0)
                #expect(fixture.listener.progress == .init(finished: 129, idle: 4))
            }
        }

        @Test func theBacklogHoldsWhatIsBeyondTheBound() throws {
            try Fixture(configure: { $0.connectionsMax = 3 }).run { fixture in
                var silent = try (0..<3).map { _ in try Client(fixture.path) }
                let waiting = try (0..<4).map { _ in try Client(fixture.path) }
                for client in waiting { client.send(WireRequest("GET", "/").bytes) }
                usleep(50_000)
                #expect(fixture.listener.progress.finished == 0)
                silent.removeLast()
                // Each passes its slot to the next.
                for client in waiting {
                    #expect(try client.answer().status == "Status: 200 OK")
                }
                #expect(waiting.dropLast().allSatisfy { $0.isClosed() })
            }
        }

        @Test func progressDistinguishesMovingFromStuckWorkers() {
            let stuck = Listener.Progress(finished: 5, idle: 0)
            #expect(!stuck.isAlive(since: stuck))
            #expect(Listener.Progress(finished: 6, idle: 0).isAlive(since: stuck))
            #expect(Listener.Progress(finished: 5, idle: 1).isAlive(since: stuck))
        }
    }
}

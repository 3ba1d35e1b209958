import HTTP
import Outbox
import Service
import Storage
import Synchronization
import TestShop
import Testing

@Suite struct FeedOrderTests {
    @Test("a reader that follows eight writers gets every event once, in ascending order")
    func skipsNothing() throws {
        let shop = try TestShop()
        let writers = 8
        let rounds = 40
        let running = Mutex(writers)
        let seen = atOnce(writers + 1) { number -> [Event] in
            guard number == writers else {
                for round in 0..<rounds {
                    write(number, round, to: shop)
                }
                running.withLock { $0 -= 1 }
                return []
            }
            return follow(shop) { running.withLock { $0 == 0 } }
        }[writers]
        #expect(seen.map(\.position) == seen.map(\.position).sorted())
        let subjects = seen.map(\.subject).filter { $0.hasPrefix("/x") }
        let expected = Set(
            (0..<writers).flatMap { writer in
                // One in four was rolled back.
                (0..<rounds).filter { $0 % 4 != 3 }.map { "/x/\(writer)/\($0)" }
            })
        #expect(subjects.count == expected.count)
        #expect(Set(subjects) == expected)
    }

    private struct Undone: Error {}

    private func write(_ writer: Int, _ round: Int, to shop: TestShop) {
        let isUndone = round % 4 == 3
        do {
            try shop.store.write { tx in
                try publish(
                    .orderPaid, on: "/x/\(writer)/\(round)", "data", of: nil, by: nil,
                    at: shop.clock.now, in: tx)
                if isUndone { throw Undone() }
            }
            #expect(!isUndone)
        } catch is Undone {
        } catch {
            Issue.record("\(error)")
        }
    }

    /// Reads the feed, always after the last event it saw, until nothing comes after `isOver`.
    private func follow(_ shop: TestShop, until isOver: () -> Bool) -> [Event] {
        var seen: [Event] = []
        do {
            while true {
                let isLast = isOver()
                try shop.store.write { _ = try numberEvents(in: $0) }
                let last = seen.last?.position ?? 0
                let more = try shop.store.read { try events(after: last, limit: 7, in: $0) }
                seen += more
                if isLast, more.isEmpty, try !shop.store.read(hasUnnumberedEvents) { return seen }
            }
        } catch {
            Issue.record("\(error)")
            return seen
        }
    }
}

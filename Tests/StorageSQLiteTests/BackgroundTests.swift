import Glibc
import Storage
import StorageSQLite
import Testing
import Threads

@Suite struct BackgroundTests {
    /// How long a write of these tests holds the lock.
    private static let heldUs: UInt32 = 5000

    @Test("a background process that waited for the lock leaves it to others for 100 times as long")
    func givesWay() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        let background = try folder.store(for: .background)
        try write(background)
        let gate = Gate()
        let holder = gate.hold(store)
        let hasBegun = Semaphore(0)
        let waiting = startThread {
            hasBegun.signal()
            do { try write(background) } catch { Issue.record(error) }
        }
        hasBegun.wait()
        usleep(500_000)
        gate.open()
        holder.join()
        waiting.join()
        let start = monotonicMs()
        try write(background)
        #expect(monotonicMs() - start >= 99 * Int64(Self.heldUs) / 1000)
    }

    @Test("a background process whose lock is free does not pause")
    func isFastAlone() throws {
        let folder = try Folder()
        _ = try folder.storeOfPens()
        let background = try folder.store(for: .background)
        let start = monotonicMs()
        for _ in 0..<50 { try write(background) }
        // With pauses it would take more than 25 s.
        #expect(monotonicMs() - start < 10_000)
    }

    private func write(_ store: SQLiteStore) throws {
        try store.write { tx in
            try tx.run("INSERT INTO pens (name) VALUES (NULL)")
            usleep(Self.heldUs)
        }
    }
}

import Glibc
import PostgresFixture
import Storage
import StoragePostgres
import Synchronization
import Testing
import Threads

/// A server that breaks: each test has its own.
@Suite(.serialized) struct PostgresOutageTests {
    private let insert: SQL = "INSERT INTO pens (name) VALUES ('a')"

    private func store(of pens: PostgresPens, through proxy: CuttingProxy, busyWaitMs: Int64 = 5000)
        throws -> PostgresStore
    {
        let folder = proxy.folder.replacing("/", with: "%2F")
        return try PostgresStore(
            url: "postgresql://\(TestServer.owner)@\(folder)/\(pens.database.name)",
            busyWaitMs: busyWaitMs)
    }

    /// Nobody but the server knows whether it has committed.
    @Test(arguments: [CuttingProxy.Cut.before, .after, .silence])
    func aCutCommitIsUnknown(cut: CuttingProxy.Cut) throws {
        let pens = try PostgresPens()
        let proxy = try CuttingProxy(to: pens.database.server, cutting: cut, at: "COMMIT\0")
        defer { proxy.close() }
        let store = try store(of: pens, through: proxy, busyWaitMs: 1500)
        let runs = Atomic(0)
        let start = monotonicMs()
        let failure = #expect(throws: StoreError.self) {
            try store.write { tx in
                runs.add(1, ordering: .relaxed)
                try tx.run(insert)
            }
        }
        #expect(monotonicMs() - start < 4000)
        guard case .outcomeUnknown = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(runs.load(ordering: .relaxed) == 1)
        #expect(store.value(of: "souk_postgres_unknown_outcomes_total") == 1)
        #expect(store.hasFailedToWrite(withinSeconds: 10))
        #expect(try pens.store.pens == (cut == .before ? 0 : 1))
        try store.write { try $0.run("DELETE FROM pens") }
        #expect(!store.hasFailedToWrite(withinSeconds: 10))
    }

    /// Before COMMIT nothing is decided, so the write runs again.
    @Test(arguments: [CuttingProxy.Cut.before, .after])
    func aCutStatementIsRepeated(cut: CuttingProxy.Cut) throws {
        let pens = try PostgresPens()
        let proxy = try CuttingProxy(to: pens.database.server, cutting: cut, at: "INSERT INTO")
        defer { proxy.close() }
        let store = try store(of: pens, through: proxy)
        try store.write { try $0.run(insert) }
        #expect(try store.pens == 1)
        #expect(store.value(of: "souk_postgres_retries_total") == 1)
    }

    @Test func aCutReadIsRepeated() throws {
        let pens = try PostgresPens()
        let proxy = try CuttingProxy(
            to: pens.database.server, cutting: .after, at: "FROM pens", times: 2)
        defer { proxy.close() }
        let store = try store(of: pens, through: proxy)
        #expect(try store.pens == 0)
        #expect(store.value(of: "souk_postgres_connections_lost_total") == 2)
    }

    /// Its connections are closed, and a moment later it accepts new ones.
    @Test func aRestartIsNoticedByNobody() throws {
        let server = try TestServer()
        let pens = try PostgresPens(on: server)
        let store = pens.store
        #expect(try store.pens == 0)
        try server.stop()
        let failure = #expect(throws: StoreError.self) { try store.pens }
        guard case .unavailable = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        try server.start()
        #expect(try store.pens == 0)
        try store.write { try $0.run(insert) }
        #expect(try store.pens == 1)
    }

    /// kill -9 while writers are busy: every acknowledged row is there, and the others are there or
    /// not.
    @Test func aKilledServerLosesNothing() throws {
        // A crash must not lose what was synced.
        let server = try TestServer(settings: ["fsync = on"])
        let pens = try PostgresPens(on: server)
        let store = pens.store
        let isOver = Atomic(false)
        let acknowledged = Mutex<Set<Int64>>([])
        let unknown = Mutex<Set<Int64>>([])
        onThreads(5) { number in
            guard number > 0 else {
                for _ in 0..<3 {
                    usleep(300_000)
                    server.kill()
                    do { try server.start() } catch { Issue.record(error) }
                }
                usleep(300_000)
                isOver.store(true, ordering: .relaxed)
                return
            }
            var id = Int64(number) * 1_000_000
            while !isOver.load(ordering: .relaxed) {
                id += 1
                let row = id
                do {
                    try store.write { try $0.run("INSERT INTO pens (id) VALUES (\(row))") }
                    acknowledged.withLock { _ = $0.insert(row) }
                } catch StoreError.outcomeUnknown {
                    unknown.withLock { _ = $0.insert(row) }
                } catch StoreError.unavailable {
                    usleep(10_000)
                } catch {
                    Issue.record(error)
                }
            }
        }
        let found = try store.read {
            Set(try $0.all("SELECT id FROM pens") { try $0["id"] as Int64 })
        }
        let (sure, unsure) = (acknowledged.withLock { $0 }, unknown.withLock { $0 })
        #expect(sure.count > 10)
        #expect(sure.subtracting(found) == [])
        #expect(found.subtracting(sure).subtracting(unsure) == [])
    }

    /// The server neither answers nor closes its connections.
    @Test func aFrozenServerCostsItsDeadline() throws {
        let server = try TestServer()
        let pens = try PostgresPens(on: server, busyWaitMs: 1000)
        let store = pens.store
        try store.write { try $0.run(insert) }
        server.freeze()
        defer { server.thaw() }
        for isWrite in [true, false, true] {
            let start = monotonicMs()
            let failure = #expect(throws: StoreError.self) {
                if isWrite { try store.write { try $0.run(insert) } } else { _ = try store.pens }
            }
            // A new connection may take libpq's shortest limit.
            #expect(monotonicMs() - start < 3500)
            guard case .unavailable = failure else {
                Issue.record("\(String(describing: failure))")
                return
            }
        }
        server.thaw()
        #expect(try store.pens == 1)
        try store.write { try $0.run("DELETE FROM pens") }
        #expect(try store.pens == 0)
    }

    @Test func tooManyConnectionsAreSaid() throws {
        let server = try TestServer(settings: [
            "max_connections = 4", "superuser_reserved_connections = 0",
        ])
        let pens = try PostgresPens(on: server)
        let store = pens.store
        let refused = Mutex<[StoreError]>([])
        let open = Atomic(0)
        onThreads(8) { _ in
            do {
                try store.read { tx in
                    try tx.run("SELECT 1 AS n")
                    open.add(1, ordering: .relaxed)
                    for _ in 0..<10_000 where refused.withLock({ $0.isEmpty }) { usleep(1000) }
                }
            } catch let error as StoreError {
                refused.withLock { $0.append(error) }
            } catch {
                Issue.record(error)
            }
        }
        #expect(open.load(ordering: .relaxed) >= 3)
        let errors = refused.withLock { $0 }
        #expect(!errors.isEmpty)
        for error in errors {
            guard case .unavailable(let reason) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(reason.contains("cannot be opened"))
        }
        #expect(try store.pens == 0)
    }

    @Test func aReadOnlyServerIsSaid() throws {
        let pens = try PostgresPens()
        let store = pens.store
        let database = pens.database
        // Its default transactions are read-only, but a write asks for another kind: only a standby
        // refuses that.
        let standby = try TestServer(settings: ["hot_standby = on"])
        let copy = try standby.newDatabase()
        try standby.execute("CREATE TABLE pens (name TEXT)", in: copy.name)
        try standby.becomeStandby()
        let reader = try PostgresStore(url: copy.url)
        #expect(try reader.pens == 0)
        let failure = #expect(throws: StoreError.self) { try reader.write { try $0.run(insert) } }
        guard case .unavailable(let reason) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(reason.contains("accepts no writes"))
        // Several hosts: the one that accepts writes is found.
        let hosts = [standby, database.server].map { $0.folder.replacing("/", with: "%2F") }
        try database.server.execute("CREATE DATABASE \(copy.name)x")
        let both = try PostgresStore(
            url: "postgresql://\(TestServer.owner)@\(hosts.joined(separator: ","))/postgres")
        try both.write { try $0.run("CREATE TABLE found_here (id \(.identity))") }
        #expect(try both.tables().contains("found_here"))
        #expect(try store.pens == 0)
        try database.server.execute("DROP TABLE found_here")
    }
}

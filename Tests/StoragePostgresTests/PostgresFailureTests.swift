import Glibc
import PostgresFixture
import Storage
import StoragePostgres
import Synchronization
import Testing
import Threads

/// Failures that a function on the server imitates, because they are hard to cause.
@Suite struct PostgresFailureTests {
    private let insert: SQL = "INSERT INTO pens (name) VALUES ('a')"

    /// Makes an INSERT into `pens` run `statement` of PL/pgSQL, at once or during COMMIT.
    private func fail(_ pens: PostgresPens, with statement: String, atCommit: Bool) throws {
        let kind = atCommit ? "CONSTRAINT TRIGGER" : "TRIGGER"
        let deferred = atCommit ? "DEFERRABLE INITIALLY DEFERRED" : ""
        try pens.database.server.execute(
            """
            CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN \(statement); RETURN NULL; END $$;
            CREATE \(kind) fails AFTER INSERT ON pens \(deferred)
            FOR EACH ROW EXECUTE FUNCTION fail()
            """, in: pens.database.name)
    }

    @Test(arguments: [false, true]) func aFullDiskIsUnavailable(atCommit: Bool) throws {
        let pens = try PostgresPens()
        let store = pens.store
        try fail(
            pens, with: "RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'",
            atCommit: atCommit)
        let failure = #expect(throws: StoreError.self) { try store.write { try $0.run(insert) } }
        guard case .unavailable(let reason) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(reason == "The disk of the server is full: No space left on device.")
        #expect(store.hasFailedToWrite(withinSeconds: 10))
        #expect(try store.pens == 0, "reads go on")
        try store.write { try $0.run("DELETE FROM pens") }
        #expect(!store.hasFailedToWrite(withinSeconds: 10))
    }

    /// The server warns if it has committed without its standby.
    ///
    /// A warning before COMMIT says nothing about the outcome.
    @Test(arguments: [false, true]) func aWarningDuringACommitMakesItUnknown(atCommit: Bool) throws
    {
        let pens = try PostgresPens()
        let store = pens.store
        try fail(pens, with: "RAISE WARNING 'The wait was cancelled'", atCommit: atCommit)
        let runs = Atomic(0)
        let write = {
            try store.write { tx in
                runs.add(1, ordering: .relaxed)
                try tx.run(insert)
            }
        }
        if atCommit {
            #expect(throws: StoreError.outcomeUnknown("The wait was cancelled (SQLSTATE 01000)")) {
                try write()
            }
        } else {
            try write()
        }
        #expect(runs.load(ordering: .relaxed) == 1)
        #expect(store.value(of: "souk_postgres_unknown_outcomes_total") == (atCommit ? 1 : 0))
        #expect(try store.pens == 1)
    }

    /// The server rejects an update for a moment after another one was rolled back.
    @Test func anUpdateAfterOneThatIsEndingRunsAgain() throws {
        let pens = try PostgresPens()
        try pens.database.server.execute("CREATE SEQUENCE tries", in: pens.database.name)
        try fail(
            pens,
            with: """
                IF nextval('tries') < 3 THEN
                    RAISE EXCEPTION 'new multixact has more than one updating member: 0 2[7, 8]'
                    USING ERRCODE = 'XX000';
                END IF
                """, atCommit: false)
        try pens.store.write { try $0.run(insert) }
        #expect(try pens.store.pens == 1)
        #expect(pens.store.value(of: "souk_postgres_retries_total") == 2)
    }

    @Test func anotherInternalErrorOfTheServerIsFinal() throws {
        let pens = try PostgresPens()
        try fail(
            pens, with: "RAISE EXCEPTION 'cache lookup failed' USING ERRCODE = 'XX000'",
            atCommit: false)
        let runs = Atomic(0)
        #expect(throws: StoreError.self) {
            try pens.store.write { tx in
                runs.add(1, ordering: .relaxed)
                try tx.run(insert)
            }
        }
        #expect(runs.load(ordering: .relaxed) == 1)
    }

    @Test func anOlderServerIsRefused() throws {
        let pens = try PostgresPens()
        let proxy = try CuttingProxy(to: pens.database.server, statingVersion: 14)
        defer { proxy.close() }
        let folder = proxy.folder.replacing("/", with: "%2F")
        let reason = "The server has PostgreSQL 14. Souk needs version 15 or later."
        #expect(throws: StoreError.unavailable(reason)) {
            try PostgresStore(
                url: "postgresql://\(TestServer.owner)@\(folder)/\(pens.database.name)")
        }
    }

    /// All attempts together end by the deadline of the call.
    @Test func aRetryWaitsForLocksUntilTheDeadlineOnly() throws {
        let pens = try PostgresPens(busyWaitMs: 3000)
        let store = pens.store
        try store.write { tx in
            try tx.run("INSERT INTO pens (id) VALUES (1)")
            try tx.run("CREATE TABLE caps (pen_id \(.int64) REFERENCES pens (id))")
        }
        let other = try PostgresStore(url: pens.database.url)
        let runs = Atomic(0)
        try other.write { tx in
            try tx.run("UPDATE pens SET stock = 1")
            let start = monotonicMs()
            #expect(throws: StoreError.busy) {
                try store.write { tx in
                    if runs.add(1, ordering: .relaxed).newValue == 1 {
                        // The second attempt has a second left. The error is one after which a
                        // write runs again.
                        usleep(2_000_000)
                        try tx.run("INSERT INTO caps VALUES (7)")
                    }
                    try tx.run("UPDATE pens SET stock = 2")
                }
            }
            #expect((2300...4500).contains(monotonicMs() - start))
        }
        #expect(runs.load(ordering: .relaxed) == 2)
        #expect(try store.number("SELECT stock AS n FROM pens") == 1)
    }
}

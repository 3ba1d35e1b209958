import Storage
import StoragePostgres
import Testing

@Suite struct PostgresReadTests {
    @Test func isOneSnapshotWhileAnotherStoreWrites() throws {
        let pens = try PostgresPens()
        let other = try PostgresStore(url: pens.database.url)
        try pens.store.read { tx in
            let before: Int64? = try tx.first("SELECT count(*) AS n FROM pens")?["n"]
            try other.write { try $0.run("INSERT INTO pens (name) VALUES ('late')") }
            let after: Int64? = try tx.first("SELECT count(*) AS n FROM pens")?["n"]
            #expect(before == 0)
            #expect(after == 0)
        }
        #expect(try pens.store.pens == 1)
    }
}

import Storage
import StorageSQLite
import Testing

@Suite struct StoreQueryPlanTests {
    @Test func distinguishesAScanFromASearch() throws {
        let folder = try Folder()
        let store = try folder.storeOfPens()
        #expect(
            try store.queryPlan(of: "SELECT id FROM pens WHERE id = \(1 as Int64)")
                == ["SEARCH pens USING INTEGER PRIMARY KEY (rowid=?)"])
        #expect(
            try store.queryPlan(of: "SELECT id FROM pens WHERE stock = \(1 as Int64)")
                == ["SCAN pens"])
        #expect(
            try store.queryPlan(of: "UPDATE pens SET stock = 0 WHERE stock = \(1 as Int64)")
                == ["SCAN pens"])
    }
}

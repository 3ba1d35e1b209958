import Inventory
import Storage
import TestShop
import Testing

/// An import changes the stock of known products only on request.
@Suite struct ImportStockTests {
    private func export(_ shop: TestShop) throws -> String {
        var text = ""
        try shop.store.read { tx throws in try exportProducts(in: tx) { text += $0 } }
        return text
    }

    private func read(_ file: String, _ shop: TestShop, setsStock: Bool = false) throws
        -> ImportResult
    {
        try importProducts(
            Array(file.utf8), named: "import of goods.csv", by: 4, at: shop.clock.now,
            on: shop.store, currency: "USD", rules: ImportRules(setsStock: setsStock), end: .commit)
    }

    private func stock(_ shop: TestShop) throws -> Int64 {
        try shop.value("SELECT stock AS value FROM products WHERE id = 1")
    }

    private func sell(_ quantity: Int, _ shop: TestShop) throws {
        let sale = try shop.send(
            .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":\#(quantity)}]}"#)
        #expect(sale.status.code == 201)
    }

    @Test(arguments: [false, true]) func doesNotRestoreSoldUnits(setsStock: Bool) throws {
        let shop = try TestShop()
        let file = try export(shop)
        try sell(3, shop)
        #expect(try read(file, shop, setsStock: setsStock) == ImportResult(unchanged: 2))
        #expect(try stock(shop) == 7)
        #expect(try shop.breaches() == [])
    }

    @Test func keepsTheStockByDefault() throws {
        let shop = try TestShop()
        let file = "id,name,category,price,stock\n1,pen,paper,250,12\n2,lamp,light,4000,3\n"
        #expect(try read(file, shop) == ImportResult(unchanged: 2, keptStock: 1))
        #expect(try stock(shop) == 10)
        #expect(try read(file, shop, setsStock: true) == ImportResult(updated: 1, unchanged: 1))
        #expect(try stock(shop) == 12)
        let movement = try shop.send(.get, "/inventory/1/movements", as: "sami").json["data"]?[0]
        #expect(movement?["delta"] == 2)
        #expect(movement?["kind"] == "adjusted")
        #expect(movement?["reason"] == "import of goods.csv")
        #expect(try read(file, shop, setsStock: true) == ImportResult(unchanged: 2))
        #expect(try shop.breaches() == [])
    }

    @Test func setsAnEditedStock() throws {
        let shop = try TestShop()
        let file = try export(shop).replacing(",250,10,10,", with: ",250,4,10,")
        #expect(try read(file, shop, setsStock: true) == ImportResult(updated: 1, unchanged: 1))
        #expect(try stock(shop) == 4)
        #expect(try read(file, shop, setsStock: true) == ImportResult(unchanged: 2))
        #expect(try shop.breaches() == [])
    }

    @Test func rejectsAnEditIfTheStockHasChanged() throws {
        let shop = try TestShop()
        let file = try export(shop).replacing(",250,10,10,", with: ",250,12,10,")
        try sell(3, shop)
        let before = try shop.contents()
        let refused = #expect(throws: ImportFaults.self) { try read(file, shop, setsStock: true) }
        #expect(
            refused?.description
                == "line 2: stock was 10 when the file was exported and is 7 now. Export the products again"
        )
        #expect(try shop.contents() == before)
        #expect(try read(file, shop) == ImportResult(unchanged: 2, keptStock: 1))
        #expect(try shop.contents() == before)
    }

    @Test func setsTheStockOfANewProduct() throws {
        let shop = try TestShop()
        let file = "sku,name,category,price,stock,exported_stock\nA,ink,paper,9,5,5\n"
        #expect(try read(file, shop) == ImportResult(created: 1))
        let movement = try shop.send(.get, "/inventory/3/movements", as: "sami").json["data"]?[0]
        #expect(movement?["delta"] == 5)
        #expect(movement?["kind"] == "received")
        #expect(movement?["reason"] == "import of goods.csv")
    }

    /// An import writes an audit row for itself and one for each product that it changed.
    @Test func isAudited() throws {
        let shop = try TestShop()
        _ = try read("sku,name,category,price\nI1,ink,paper,90\n", shop)
        _ = try read("sku,name,category,price\nI1,ink,paper,0\nI2,cap,hats,5\n", shop)
        let rows = try shop.send(.get, "/customers/audit", as: "adil").json["data"]?.elements ?? []
        #expect(
            rows.map { $0["action"] }
                == ["imported_products", "changed_product", "imported_products"])
        #expect(rows.map { $0["subject"] } == [.null, "/inventory/3", .null])
        #expect(rows.map { $0["before"] } == [.null, #"{"price":90}"#, .null])
        #expect(
            rows.map { $0["after"] }
                == ["created 1, updated 1", #"{"price":0}"#, "created 1, updated 0"])
        #expect(rows.allSatisfy { $0["actor"] == "sami" && $0["request_id"] == .null })
    }
}

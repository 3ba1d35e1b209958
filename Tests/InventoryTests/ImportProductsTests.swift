import Inventory
import Storage
import TestShop
import Testing
import Values

/// `souk import` and `souk export`: products as CSV.
///
/// A file is imported completely or not at all.
@Suite struct ImportProductsTests {
    func take(
        _ file: String, into shop: TestShop, rules: ImportRules = ImportRules(),
        end: TransactionEnd = .commit
    ) throws -> ImportResult {
        try importProducts(
            Array(file.utf8), named: "goods.csv", by: 4, at: shop.clock.now, on: shop.store,
            currency: "USD",
            rules: rules, end: end)
    }

    private func export(_ shop: TestShop) throws -> String {
        var text = ""
        try shop.store.read { tx throws in try exportProducts(in: tx) { text += $0 } }
        return text
    }

    /// A shop whose products all have a SKU, unlike the two initial ones.
    func shop() throws -> TestShop {
        let shop = try TestShop()
        for id in 1...2 {
            _ = try shop.send(.patch, "/inventory/\(id)", as: "sami", #"{"sku":"S\#(id)"}"#)
        }
        return shop
    }

    /// A shop that has never had a product.
    private func emptyShop() throws -> TestShop {
        let shop = try TestShop()
        try shop.store.write { tx in
            try tx.run("DELETE FROM stock_movements")
            try tx.run("DELETE FROM products")
            try tx.run("DELETE FROM product_search")
            try tx.run("DELETE FROM categories")
            switch TestEngine.current {
            case .sqlite: try tx.run("DELETE FROM sqlite_sequence WHERE name = 'products'")
            case .postgresql: try tx.run("ALTER TABLE products ALTER COLUMN id RESTART")
            }
        }
        return shop
    }

    @Test func createsAndUpdates() throws {
        let shop = try shop()
        let result = try take(
            """
            sku,name,category,price,stock
            S1,fountain pen,paper,300,12
            NEW,"a ""big"", red box",boxes,1,0

            """, into: shop, rules: ImportRules(setsStock: true))
        #expect(result == ImportResult(created: 1, updated: 1))
        let pen = try shop.send(.get, "/inventory/1")
        #expect(try pen.json["name"] == .string("fountain pen"))
        #expect(try pen.json["stock"] == .integer(12))
        let movement = try shop.send(.get, "/inventory/1/movements", as: "sami")
        #expect(try movement.json["data"]?[0]?["delta"] == .integer(2))
        #expect(try movement.json["data"]?[0]?["reason"] == "goods.csv")
        #expect(try movement.json["data"]?[0]?["kind"] == "adjusted")
        let new = try shop.send(.get, "/inventory/3/movements", as: "sami")
        #expect(try new.json["data"]?.elements == [])
        let found = try shop.send(.get, "/inventory?q=fountain")
        #expect(try found.json["data"]?.elements.count == 1)
        #expect(try shop.breaches() == [])
    }

    @Test func roundTrips() throws {
        let shop = try shop()
        _ = try take(
            "sku,name,category,price,stock,low_stock,"
                + "weight_g,requires_shipping,tax_class,description\n"
                + "A,\"é, \"\"q\"\" 😀\",c-1,0,0,,1000000,FALSE,reduced,"
                + "\"two\r\nlines,\n\"\"three\"\"\"\n"
                + "B,b,c,100000000000,1000000000,7,,,,\n", into: shop)
        let gift = try shop.send(.get, "/inventory/3").json
        #expect(gift["weight_g"] == 1_000_000 && gift["requires_shipping"] == .bool(false))
        #expect(gift["tax_class"] == "reduced")
        let first = try export(shop)
        let before = try shop.contents()
        #expect(try take(first, into: shop) == ImportResult(unchanged: 4))
        #expect(try shop.contents() == before)
        let other = try emptyShop()
        #expect(try take(first, into: other) == ImportResult(created: 4, updated: 0))
        #expect(try export(other) == first)
    }

    @Test func keepsFieldsThatTheFileOmits() throws {
        let shop = try shop()
        _ = try shop.send(
            .patch, "/inventory/1", as: "sami", #"{"description":"blue","low_stock":3}"#)
        _ = try take("sku,name,category,price\nS1,pen,paper,250\n", into: shop)
        let pen = try shop.send(.get, "/inventory/1", as: "sami").json
        #expect(pen["description"] == .string("blue"))
        #expect(pen["low_stock"] == .integer(3))
        #expect(pen["stock"] == .integer(10))
        _ = try take("sku,name,category,price,description\nS1,pen,paper,250,\n", into: shop)
        #expect(try shop.send(.get, "/inventory/1").json["description"] == .null)
    }

    @Test func changesNothingInADryRun() throws {
        let shop = try shop()
        let before = try shop.contents()
        let file = "sku,name,category,price\nNEW,x,y,1\n"
        #expect(try take(file, into: shop, end: .rollback) == ImportResult(created: 1, updated: 0))
        #expect(try shop.contents() == before)
    }

    /// Texts that a careless round trip would change.
    static let texts = [
        "007", "+1", "-1", "=1+1", "@SUM(A1)", " a ", "a,b", "\"", "\"\"", "a\"\u{301}b", "'", "\\",
        "null", "1e3", "a\u{A0}b", "a\u{3000}b", "😀", "#N/A", "\u{E9}", "e\u{301}",
    ]

    /// Products with and without a SKU, and with each text in each column that accepts it.
    private func oddShop() throws -> TestShop {
        let shop = try TestShop()
        for (number, text) in Self.texts.enumerated() {
            let lines = text + ["", "\n", "\r\n", "\r", "\n\n", "\t"][number % 6] + text
            try shop.store.write { tx in
                _ = try createProduct(
                    ProductDetails(
                        name: text, category: "c-0", price: Money(minorUnits: 7),
                        sku: number % 2 == 0 ? text : nil,
                        description: [nil, "", lines][number % 3],
                        lowStock: number % 4 == 0 ? 0 : nil),
                    stock: Int64(number), by: 4, at: shop.clock.now, in: tx, currency: "USD")
            }
        }
        _ = try shop.send(.delete, "/inventory/1", as: "sami")
        return shop
    }

    @Test func roundTripsEveryText() throws {
        let shop = try oddShop()
        let file = try export(shop)
        let before = try shop.contents()
        #expect(try take(file, into: shop) == ImportResult(unchanged: Self.texts.count + 1))
        #expect(try shop.contents() == before)
        let other = try emptyShop()
        #expect(try take(file, into: other) == ImportResult(created: Self.texts.count + 1))
        #expect(try export(other) == file)
        #expect(try take(file, into: other) == ImportResult(unchanged: Self.texts.count + 1))
        #expect(try other.breaches() == [])
    }

    @Test func identifiesProductsWithoutASKUById() throws {
        let shop = try shop()
        let ink = #"{"name":"ink","category":"paper","price":1}"#
        _ = try shop.send(.post, "/inventory", as: "sami", ink)
        _ = try shop.send(.post, "/inventory", as: "sami", ink)
        _ = try shop.send(.delete, "/inventory/4", as: "sami")
        let file =
            "id,sku,name,category,price\n3,,blue ink,paper,2\n9,,chalk,paper,3\n9,S1,pen,paper,4\n"
        #expect(
            try take(file, into: shop, rules: ImportRules(renames: true))
                == ImportResult(created: 1, updated: 2))
        #expect(try shop.send(.get, "/inventory/3").json["name"] == "blue ink")
        #expect(try shop.send(.get, "/inventory/9").json["name"] == "chalk")
        #expect(try shop.send(.get, "/inventory/1").json["price"] == 4)
        let before = try shop.contents()
        let refused = #expect(throws: ImportFaults.self) {
            try take(
                "id,name,category,price\n1,pen,paper,1\n3,ink,paper,1\n4,ink,paper,1\n2,lamp,light,1\n",
                into: shop)
        }
        #expect(
            refused?.description == """
                line 2: The product with this id has a SKU. Identify it by its SKU.
                line 3: The product with this id is named blue ink.
                line 4: The product with this id is archived.
                line 5: The product with this id has a SKU. Identify it by its SKU.
                """)
        #expect(try shop.contents() == before)
    }

    /// The export of another shop has the ids of that shop.
    @Test func leavesAProductOfAnotherNameAlone() throws {
        let shop = try TestShop()
        let file = "id,name,category,price,stock\n1,sofa,seats,90000,1\n2,lamp,light,4100,3\n"
        let before = try shop.contents()
        for end in [TransactionEnd.commit, .rollback] {
            let refused = #expect(throws: ImportFaults.self) {
                try take(file, into: shop, end: end)
            }
            #expect(refused?.description == "line 2: The product with this id is named pen.")
        }
        #expect(try shop.contents() == before)
        let rules = ImportRules(renames: true)
        #expect(
            try take(file, into: shop, rules: rules) == ImportResult(updated: 2, keptStock: 1))
        #expect(try shop.send(.get, "/inventory/1").json["name"] == "sofa")
        #expect(try shop.breaches() == [])
    }

    /// New words, former words and stock, in batches, in an order that differs from the ids.
    @Test(arguments: [nil, 1, 3, 100]) func importsAFileInBatches(batch: Int?) throws {
        let shop = try shop()
        let rules = ImportRules(batch: batch, setsStock: true)
        let head = "sku,name,category,price,stock\n"
        let first = (1...7).map { "N\($0),word\($0) old,c\($0 % 2),\($0),\($0)\n" }.joined()
        #expect(try take(head + first, into: shop, rules: rules) == ImportResult(created: 7))
        let second =
            (1...7).reversed().map { "N\($0),word\($0) new,c\($0 % 3),\($0),\(8 - $0)\n" }.joined()
            + "S1,pen,paper,250,10\nN8,word8 new,c9,1,\n"
        #expect(
            try take(head + second, into: shop, rules: rules)
                == ImportResult(created: 1, updated: 7, unchanged: 1))
        for (words, count) in [("old", 0), ("new", 8), ("word4", 1), ("pen", 1)] {
            let found = try shop.send(.get, "/inventory?q=\(words)").json
            #expect(found["data"]?.elements.count == count, "\(words)")
        }
        #expect(try shop.send(.get, "/inventory?q=word1").json["data"]?[0]?["stock"] == 7)
        #expect(try shop.breaches() == [])
    }

    /// Forms of one SKU that other programs produce.
    @Test(arguments: ["S1", " S1\u{A0}", "S\u{200B}1", "\u{FEFF}S1"])
    func recognizesASKUInEveryForm(sku: String) throws {
        let shop = try shop()
        let file = "sku,name,category,price\n\(sku),pen,paper,300\n"
        #expect(try take(file, into: shop) == ImportResult(updated: 1))
        #expect(try shop.send(.get, "/inventory/1").json["sku"] == "S1")
        let twice = #expect(throws: ImportFaults.self) {
            try take(file + "S1,pen,paper,300\n", into: shop)
        }
        #expect(twice?.description == "line 3: sku is already on line 2")
    }

    /// An archived product neither keeps its SKU nor changes.
    @Test func createsAProductWithTheSKUOfAnArchivedOne() throws {
        let shop = try shop()
        _ = try shop.send(.delete, "/inventory/2", as: "sami")
        let file = "sku,name,category,price\nNEW,x,y,1\nS2,lamp,light,1\n"
        #expect(try take(file, into: shop) == ImportResult(created: 2))
        #expect(try shop.send(.get, "/inventory/4").json["sku"] == "S2")
        let archived = try shop.send(.get, "/inventory/2", as: "sami").json
        #expect(archived["sku"] == "S2")
        #expect(archived["price"] == 4000)
        #expect(try take(file, into: shop) == ImportResult(unchanged: 2))
        #expect(try shop.breaches() == [])
    }
}

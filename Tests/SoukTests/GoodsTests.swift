import Foundation
import ShopFixture
import Testing

extension SoukTests {
    /// Exports products from one shop and imports them into another.
    @Suite struct GoodsTests {
        private func shop() throws -> Operator {
            let shop = try Operator.migrated()
            try shop.souk("user", "add", "sami", "--role", "staff", input: "a good password\n")
                .expect(0)
            return shop
        }

        private func read(_ text: String, _ shop: Operator, _ options: String...) throws -> Outcome
        {
            try shop.write(text, to: "goods.csv")
            return try run(
                Programs.souk, ["import", shop.folder.file("goods.csv"), "--as", "sami"] + options,
                environment: shop.environment)
        }

        @Test func anotherShopImportsAnExport() throws {
            let first = try Operator.migrated()
            try first.souk("seed", "--demo").expect(0)
            let goods = try first.souk("export").expect(0, errors: "")
            #expect(goods.output.split(whereSeparator: \.isNewline).count == 13)
            #expect(goods.output.contains("Dried spearmint from the mountains, 50 g."))

            let second = try shop()
            let before = try second.sql(".dump")
            try read(goods.output, second, "--dry-run").expect(
                0, output: "would create 12, would update 0, unchanged 0\n", errors: "")
            #expect(try second.sql(".dump") == before)
            try read(goods.output, second).expect(
                0, output: "created 12, updated 0, unchanged 0\n", errors: "")
            try second.souk("export").expect(0, output: goods.output, errors: "")
            try second.souk("check").expect(0)
            try read(goods.output, second).expect(0, output: "created 0, updated 0, unchanged 12\n")
            try second.souk("export").expect(0, output: goods.output)
            try second.souk("check").expect(0)
        }

        @Test func aFaultyFileChangesNothing() throws {
            let shop = try shop()
            let before = try shop.sql(".dump")
            let faulty = """
                sku,name,category,price
                PEN,Reed pen,paper,650
                ,Nothing,paper,1
                INK,,No Slug,cheap

                """
            let outcome = try read(faulty, shop).expect(1, output: "")
            #expect(outcome.errors.contains("line 3"), "\(outcome.errors)")
            #expect(outcome.errors.contains("line 4"), "\(outcome.errors)")
            for field in ["sku", "name", "category", "price"] {
                #expect(outcome.errors.contains(field), "\(field): \(outcome.errors)")
            }
            try read("\"open", shop).expect(1, output: "")
            try shop.souk("import", "/nowhere.csv", "--as", "sami").expect(
                1, output: "", errors: "Error: The file /nowhere.csv cannot be read.\n")
            #expect(try shop.sql(".dump") == before)
            try read("", shop).expect(
                1, output: "",
                errors: "Error: line 1: The file is empty. It must begin with a header.\n")
        }

        static let accounts = [
            ("nobody", "There is no account nobody."),
            (
                "ada",
                "The account ada has the role customer. Name an account with the role staff or admin."
            ),
            (
                "mona",
                "The account mona has the role moderator. Name an account with the role staff or admin."
            ),
            ("stan", "The account stan is suspended."),
        ]

        @Test func onlyActiveStaffImport() throws {
            let shop = try shop()
            for (name, role) in [("ada", "customer"), ("mona", "moderator"), ("stan", "staff")] {
                try shop.souk("user", "add", name, "--role", role, input: "a good password\n")
                    .expect(0)
            }
            try shop.souk("user", "suspend", "stan").expect(0)
            try shop.write("sku,name,category,price\nA,x,y,1\n", to: "goods.csv")
            let before = try shop.sql(".dump")
            for (account, sentence) in Self.accounts {
                try shop.souk("import", shop.folder.file("goods.csv"), "--as", account).expect(
                    1, output: "", errors: "Error: \(sentence)\n")
            }
            #expect(try shop.sql(".dump") == before)
            try shop.souk("import", shop.folder.file("goods.csv"), "--as", "sami").expect(0)
        }

        @Test func aSpreadsheetSetsStockOnRequest() throws {
            let shop = try shop()
            let file = "sep=;\r\nSKU;Name;Category;Price decimal;Stock\r\nTEA;Tee;tea;4,50;"
            try read(file + "7\r\n", shop).expect(
                0, output: "created 1, updated 0, unchanged 0\n", errors: "")
            try shop.souk("export").expect(
                0,
                output: """
                    id,sku,name,category,price,stock,exported_stock,low_stock,weight_g,\
                    requires_shipping,tax_class,description
                    ,TEA,Tee,tea,450,7,7,,0,true,standard,

                    """)
            try read(file + "9\r\n", shop).expect(
                0, output: "created 0, updated 0, unchanged 1\n",
                errors:
                    "note: products whose stock differs from the file and was kept: 1; --set-stock changes it\n"
            )
            try read(file + "9\r\n", shop, "--set-stock", "--encoding", "windows-1252").expect(
                0, output: "created 0, updated 1, unchanged 0\n", errors: "")
            let reasons = try shop.sql("SELECT kind, reason FROM stock_movements ORDER BY id")
            #expect(
                reasons == "received|import of goods.csv\nadjusted|import of goods.csv\n")
            try shop.souk("check").expect(0)
        }
    }
}

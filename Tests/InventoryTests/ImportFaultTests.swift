import Inventory
import TestShop
import Testing

/// Files that `souk import` rejects: it reports every fault and imports nothing.
@Suite struct ImportFaultTests {
    static let columns =
        "The columns are id, sku, name, category, price, price_decimal, stock, exported_stock, low_stock, "
        + "weight_g, requires_shipping, tax_class, description."
    static let priceRule =
        "price must be an integer of minor units from 0 to 100000000000. "
        + "Amounts such as 4.50 go into a column price_decimal"

    static let faulty: [(String, [String])] = [
        ("", ["line 1: The file is empty. It must begin with a header."]),
        ("\u{FEFF}\r\n;;;\r\n", ["line 1: The file is empty. It must begin with a header."]),
        ("sku,name,category,price\nA,x,y,1\nA,x,y,2\n", ["line 3: sku is already on line 2"]),
        (
            "sku,name,category,price\n\nA,x,y,-1\r\nB,,Y,z\r\n",
            [
                "line 3: \(priceRule)",
                "line 4: name must be one line of 1 to 200 visible characters",
                "line 4: category must be 1 to 40 of a-z, 0-9 and '-'",
                "line 4: \(priceRule)",
            ]
        ),
        (
            "sku,name,category,price,colour\nA,x,y,1,red\nB,x,y,1,red\n",
            [
                "line 1: There is no column colour.", "line 1: \(columns)",
            ]
        ),
        (
            "\nSKU,,name,sku,price,price_decimal\nA,,x,y,1,2\n",
            [
                "line 2: Column 2 has no name.", "line 2: The column sku is repeated.",
                "line 2: The column category is missing.",
                "line 2: The columns price and price_decimal exclude each other.",
                "line 2: \(columns)",
            ]
        ),
        ("name|price\nx|1\n", ["line 1: There is no column name|price.", "line 1: \(columns)"]),
        (
            "category\nx\n",
            [
                "line 1: A column sku or id is missing.", "line 1: The column name is missing.",
                "line 1: A column price or price_decimal is missing.", "line 1: \(columns)",
            ]
        ),
        ("sku,name,category,price\nA,x,y\n", ["line 2: has 3 fields, expected 4"]),
        ("sku,name,category,price\nA,x,y,1,2\n", ["line 2: has 5 fields, expected 4"]),
        (
            "id,name,category,price\n0,x,y,1\n7,x,y,1\n7,x,y,1\n",
            [
                "line 2: id must be an integer from 1 to 1000000000000",
                "line 4: id is already on line 3",
            ]
        ),
        (
            "sku,name,category,price,description\nA,x,y,1,\"a\r\rb\r\nc\"\nB,x,y,z,\n",
            [
                "line 6: \(priceRule)"
            ]
        ),
        ("sku,id,name,category,price\n,,x,y,1\n", ["line 2: sku must be given, or else an id"]),
        ("sku,name,category,price\n\"A,x,y,1\n", ["line 2: has a quote that is not closed"]),
        ("sku,name,category,price\n\"A\"b,x,y,1\n", ["line 2: has text after a closing quote"]),
        (
            "sku,name,category,price\n\"A\nA\",x,y,1\nB,x,y,1.5\n",
            [
                "line 2: sku must be one line of 1 to 64 visible characters",
                "line 4: \(priceRule)",
            ]
        ),
    ]

    @Test(arguments: faulty) func reportsEveryFaultAndImportsNothing(file: String, faults: [String])
        throws
    {
        let products = ImportProductsTests()
        let shop = try products.shop()
        let before = try shop.contents()
        do {
            let result = try products.take(file, into: shop)
            Issue.record("\(result)")
        } catch let refused as ImportFaults {
            #expect(refused.faults.map(\.description) == faults)
        }
        #expect(try shop.contents() == before)
    }
}

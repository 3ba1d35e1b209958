import Inventory
import Storage
import TestShop
import Testing

/// Files as Excel and LibreOffice write them, byte by byte.
@Suite struct SpreadsheetTests {
    private func read(
        _ file: [UInt8], into shop: TestShop, currency: String = "USD",
        rules: ImportRules = ImportRules()
    ) throws -> ImportResult {
        try importProducts(
            file, named: "goods.csv", by: 4, at: shop.clock.now, on: shop.store,
            currency: currency, rules: rules, end: .commit)
    }

    private func faults(
        _ file: String, currency: String = "USD", rules: ImportRules = ImportRules()
    ) throws -> String? {
        let shop = try TestShop()
        return #expect(throws: ImportFaults.self) {
            try read(Array(file.utf8), into: shop, currency: currency, rules: rules)
        }?.description
    }

    /// The bytes of `text` in Windows-1252, as far as these tests need them.
    private static func windows1252(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { $0 == "€" ? 0x80 : UInt8($0.value) }
    }

    private static func utf16(_ text: String, isBigEndian: Bool) -> [UInt8] {
        "\u{FEFF}\(text)".utf16.flatMap {
            isBigEndian ? [UInt8($0 >> 8), UInt8($0 & 0xFF)] : [UInt8($0 & 0xFF), UInt8($0 >> 8)]
        }
    }

    private static let rows = [
        ["SKU", "Name", "Category", "Price", "Low stock"], ["K-1", "Käse €5", "food", "450", "3"],
        ["K-2", "Brot", "food", "300", ""],
    ]

    private static func table(_ separator: String, end: String = "\r\n") -> String {
        rows.map { $0.joined(separator: separator) + end }.joined()
    }

    static let files: [(String, [UInt8], String?)] = [
        ("LibreOffice, UTF-8", Array(table(",", end: "\n").utf8), nil),
        ("Excel, CSV UTF-8, English", Array("\u{FEFF}\(table(","))".utf8), nil),
        ("Excel, CSV UTF-8, German", Array("\u{FEFF}\(table(";"))".utf8), nil),
        ("Excel, CSV, German", windows1252(table(";")), "windows-1252"),
        ("Excel, CSV with sep=", Array("sep=;\r\n\(table(";"))".utf8), nil),
        ("LibreOffice quoting sep=", Array("\"sep=;\"\n\(table(";"))".utf8), nil),
        ("Excel, Unicode Text", utf16(table("\t"), isBigEndian: false), nil),
        ("UTF-16, big-endian", utf16(table("\t"), isBigEndian: true), nil),
        (
            "UTF-16 without a mark", Array(utf16(table(","), isBigEndian: false).dropFirst(2)),
            "utf-16le"
        ),
        ("a mark goes before the option", Array("\u{FEFF}\(table(","))".utf8), "windows-1252"),
        ("classic Mac line ends", Array(table(",", end: "\r").utf8), nil),
        (
            "empty rows and trailing separators",
            Array("\(table(",", end: ",,\r\n")),,,,\r\n , ,,\r\n".utf8), nil
        ),
        (
            "every field in quotes", Array(table("\",\"", end: "\"\r\n\"").utf8.dropLast(1)).quoted,
            nil
        ),
        ("no line end at the end", Array(table(";").utf8.dropLast(2)), nil),
        (
            "rows cut short after the last value",
            Array(table(",").replacing("300,\r\n", with: "300\r\n").utf8), nil
        ),
    ]

    @Test(arguments: files) func areRead(program: String, file: [UInt8], encoding: String?) throws {
        let shop = try TestShop()
        let rules = ImportRules(encoding: encoding)
        #expect(try read(file, into: shop, rules: rules) == ImportResult(created: 2))
        let cheese = try shop.send(.get, "/inventory/3", as: "sami").json
        #expect(cheese["sku"] == "K-1")
        #expect(cheese["name"] == "Käse €5")
        #expect(cheese["price"] == 450)
        #expect(cheese["low_stock"] == 3)
        let other = try shop.send(.get, "/inventory/4", as: "sami").json
        #expect(other["low_stock"] == .null)
        #expect(try read(file, into: shop, rules: rules) == ImportResult(unchanged: 2))
    }

    @Test func reportsTheExpectedEncoding() throws {
        let shop = try TestShop()
        let file = Self.windows1252(Self.table(";"))
        let refused = #expect(throws: ImportFaults.self) { try read(file, into: shop) }
        #expect(
            refused?.description
                == "line 2: is not UTF-8. Save the file as \"CSV UTF-8\", "
                + "or name its encoding with --encoding, such as windows-1252"
        )
        #expect(
            try faults("sku,name\n", rules: ImportRules(encoding: "klingon"))
                == "line 1: The encoding klingon is not supported.")
        #expect(
            try faults("sku,name\nä", rules: ImportRules(encoding: "ascii"))
                == "line 2: The file is not in the encoding ascii.")
    }

    static let amounts: [(String, String, String, Int64?)] = [
        ("USD", ",", "4.50", 450), ("USD", ",", "4.5", 450), ("USD", ",", "4", 400),
        ("USD", ",", " 4.50 ", 450), ("USD", ",", "0.01", 1),
        ("USD", ",", "1000000000.00", 100_000_000_000),
        ("USD", ";", "4,50", 450), ("USD", ";", "4.50", 450), ("USD", "\t", "4,5", 450),
        ("USD", ",", "\"4,50\"", nil), ("USD", ",", "1000000000.01", nil),
        ("USD", ",", "4.505", nil),
        ("USD", ",", "1.234.50", nil), ("USD", ";", "1.234,50", nil), ("USD", ";", "1,234", nil),
        ("USD", ",", "-4.50", nil), ("USD", ",", "+4.50", nil), ("USD", ",", ".50", nil),
        ("USD", ",", "4.", nil),
        ("USD", ",", "4.50 €", nil), ("USD", ",", "4e2", nil), ("USD", ",", "", nil),
        ("USD", ",", "٤", nil),
        ("USD", ",", "9999999999999999", nil), ("JPY", ",", "450", 450), ("JPY", ",", "450.0", nil),
        ("KWD", ",", "4.505", 4505), ("KWD", ";", "4,5", 4500),
    ]

    @Test(arguments: amounts) func readsDecimalPrices(
        currency: String, separator: String, amount: String, minorUnits: Int64?
    ) throws {
        let file = [
            "sku,name,category,price decimal".replacing(",", with: separator),
            ["A", "x", "y", amount].joined(separator: separator),
        ].joined(separator: "\n")
        guard let minorUnits else {
            let found = try faults(file, currency: currency) ?? ""
            #expect(
                found.hasPrefix("line 2: price_decimal must be an amount such as 4"), "\(found)")
            return
        }
        let shop = try TestShop()
        #expect(
            try read(Array(file.utf8), into: shop, currency: currency) == ImportResult(created: 1))
        #expect(try shop.send(.get, "/inventory/3").json["price"] == .integer(minorUnits))
    }

    /// If one file has both `1.234` and `1,50`, the decimal mark is ambiguous.
    @Test func rejectsTwoDecimalMarks() throws {
        let file = "sku;name;category;price_decimal\nA;x;y;4,50\nB;x;y;4\nC;x;y;4.50\n"
        #expect(
            try faults(file)
                == "line 4: price_decimal must be an amount such as 4.00, with at most 2 decimals, "
                + "no thousands separator, and one decimal mark in the whole file"
        )
    }

    /// A spreadsheet evaluates a cell that begins with one of these.
    static let formulas = [
        "=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''@a", "＝1", "\t=1", "\r1", "\n1", "=\"a;b\"",
    ]

    @Test func escapesFormulasAndRoundTripsThem() throws {
        let shop = try TestShop()
        try shop.store.write { tx in
            for text in Self.formulas + ["'", "'a", "a=1", ""] {
                let name = text.isEmpty || text.contains(where: \.isWhitespace) ? "x" : text
                _ = try createProduct(
                    ProductDetails(
                        name: name, category: "-a", price: .zero, description: text), stock: 1,
                    by: 4,
                    at: shop.clock.now, in: tx, currency: "USD")
            }
        }
        var lines: [String] = []
        try shop.store.read { tx throws in try exportProducts(in: tx) { lines.append($0) } }
        for (line, text) in zip(lines.dropFirst(3), Self.formulas) {
            let quoted = text.replacing("\"", with: "\"\"")
            #expect(line.contains(",\"'\(quoted)\"\n") || line.contains(",'\(text)\n"), "\(line)")
            #expect(line.contains(",'-a,"), "\(line)")
        }
        let result = try read(Array(lines.joined().utf8), into: shop)
        #expect(result == ImportResult(unchanged: Self.formulas.count + 6))
    }
}

extension [UInt8] {
    /// The table with a quote before its first field and without the one after its last field.
    fileprivate var quoted: [UInt8] { [UInt8(ascii: "\"")] + self }
}

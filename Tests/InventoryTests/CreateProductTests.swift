import HTTP
import TestShop
import Testing

@Suite struct CreateProductTests {
    private static func ink(_ sku: String) -> String {
        #"{"name":"Ink","category":"paper","price":1,"sku":"\#(sku)"}"#
    }

    private static func numbered(_ sku: String) -> Scenario.Step {
        .init(.post, "/inventory", as: "sami", ink(sku))
    }

    static let rows =
        [
            Scenario(
                "all fields",
                .init(
                    .post, "/inventory", as: "sami",
                    #"""
                    {"name":"Ink","category":"paper-2","price":999,"sku":"INK-1",\#
                    "description":"blue\nand black","stock":7,"low_stock":2,"weight_g":30,\#
                    "requires_shipping":false,"tax_class":"reduced"}
                    """#
                ), gives: 201,
                shows:
                    #"""
                    {"id":3,"name":"Ink","category":"paper-2","price":999,\#
                    "currency":"USD","sku":"INK-1","description":"blue\nand black",\#
                    "stock":7,"low_stock":2,"weight_g":30,\#
                    "requires_shipping":false,"tax_class":"reduced","rating":{"average":null,"count":0},\#
                    "created_at":"2026-11-18T11:06:40.000Z",\#
                    "updated_at":"2026-11-18T11:06:40.000Z"}
                    """#,
                fields: ["Location": "/inventory/3", "Content-Type": "application/json"]),
            Scenario(
                "required fields only",
                .init(
                    .post, "/inventory", as: "adil", #"{"name":"Ink","category":"paper","price":0}"#
                ), gives: 201,
                shows:
                    #"""
                    {"price":0,"sku":null,"description":null,"stock":0,"low_stock":null,\#
                    "weight_g":0,"requires_shipping":true,"tax_class":"standard"}
                    """#),
            Scenario(
                "null is the same as an omitted field",
                .init(
                    .post, "/inventory", as: "sami",
                    #"""
                    {"name":"Ink","category":"paper","price":1,"sku":null,\#
                    "description":null,"stock":null,"low_stock":null,"weight_g":null,\#
                    "requires_shipping":null,"tax_class":null}
                    """#
                ), gives: 201,
                shows:
                    #"""
                    {"sku":null,"description":null,"stock":0,"low_stock":null,"weight_g":0,\#
                    "requires_shipping":true,"tax_class":"standard"}
                    """#),
            Scenario(
                "two products without a SKU",
                after: [
                    .init(
                        .post, "/inventory", as: "sami",
                        #"{"name":"Ink","category":"paper","price":1}"#)
                ],
                .init(
                    .post, "/inventory", as: "sami", #"{"name":"Ink","category":"paper","price":1}"#
                ), gives: 201, shows: #"{"id":4}"#),
            Scenario(
                "the SKU of another product",
                after: [
                    .init(
                        .post, "/inventory", as: "sami",
                        #"{"name":"Ink","category":"paper","price":1,"sku":"A"}"#)
                ],
                .init(
                    .post, "/inventory", as: "sami",
                    #"{"name":"Cap","category":"paper","price":1,"sku":"A"}"#), gives: 409,
                code: "sku_taken",
                shows:
                    #"""
                    {"detail":"Product 3 has this SKU.","errors":[{"field":"sku",\#
                    "message":"is the SKU of product 3"}]}
                    """#
            ),
            Scenario(
                "the SKU of an archived product",
                after: [
                    .init(
                        .post, "/inventory", as: "sami",
                        #"{"name":"Ink","category":"paper","price":1,"sku":"A"}"#),
                    .init(.delete, "/inventory/3", as: "sami"),
                ],
                .init(
                    .post, "/inventory", as: "sami",
                    #"{"name":"Cap","category":"paper","price":1,"sku":"A"}"#), gives: 201,
                shows: #"{"id":4,"sku":"A"}"#),
            Scenario(
                "a SKU is trimmed, in NFC and without invisible characters",
                .init(
                    .post, "/inventory", as: "sami",
                    """
                    {"name":"Ink","category":"paper","price":1,\
                    "sku":" \u{A0}T\u{200B}-e\u{2060}\u{301}\u{FEFF} "}
                    """
                ), gives: 201, shows: "{\"sku\":\"T-\u{E9}\"}"),
            Scenario(
                "a SKU that differs in blanks is the same", after: [numbered("T-1")],
                .init(.post, "/inventory", as: "sami", ink("\\t T-1\\n")), gives: 409,
                code: "sku_taken"),
            Scenario(
                "a SKU that differs in an invisible character is the same",
                after: [numbered("T-1")],
                .init(.post, "/inventory", as: "sami", ink("T-1\u{200B}")), gives: 409,
                code: "sku_taken"),
            Scenario(
                "a SKU in NFD is the same as in NFC", after: [numbered("\u{C9}T\u{C9}")],
                .init(.post, "/inventory", as: "sami", ink("E\u{301}TE\u{301}")), gives: 409,
                code: "sku_taken"),
            Scenario(
                "a SKU of invisible characters",
                .init(.post, "/inventory", as: "sami", ink("\u{200B}\u{AD}\u{3164}")), gives: 422,
                code: "invalid_request"),
            Scenario(
                "a SKU of two lines", .init(.post, "/inventory", as: "sami", ink("T\\n1")),
                gives: 422, code: "invalid_request"),
            Scenario(
                "a SKU that is too long to be read",
                .init(
                    .post, "/inventory", as: "sami",
                    ink("T" + String(repeating: "\u{200B}", count: 400))), gives: 422,
                code: "invalid_request"),
            Scenario(
                "a SKU that differs in case is another",
                after: [
                    .init(
                        .post, "/inventory", as: "sami",
                        #"{"name":"Ink","category":"paper","price":1,"sku":"A"}"#)
                ],
                .init(
                    .post, "/inventory", as: "sami",
                    #"{"name":"Cap","category":"paper","price":1,"sku":"a"}"#), gives: 201,
                shows: #"{"sku":"a"}"#),
            Scenario(
                "every fault at once",
                .init(
                    .post, "/inventory", as: "sami",
                    #"""
                    {"category":"Paper","price":-1,"sku":7,"description":[],"stock":1.5,\#
                    "low_stock":"2","colour":"red","price":2}
                    """#
                ), gives: 422, code: "invalid_request",
                shows:
                    #"""
                    {"status":422,"title":"Unprocessable Content",\#
                    "errors":[{"field":"sku"},{"field":"name"},{"field":"category"},\#
                    {"field":"price"},{"field":"low_stock"},{"field":"description"},\#
                    {"field":"stock"},{"field":"colour"}]}
                    """#
            ),
            Scenario(
                "a body that is no object",
                .init(.post, "/inventory", as: "sami", "[]"), gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"body"}]}"#),
            Scenario(
                "a body that is no JSON",
                .init(.post, "/inventory", as: "sami", #"{"name":"#), gives: 400,
                code: "invalid_json"),
            Scenario(
                "a body of another type",
                .init(
                    .post, "/inventory", as: "sami", "name=Ink",
                    fields: [.contentType: "application/x-www-form-urlencoded"]), gives: 415,
                code: "unsupported_media_type"),
            Scenario(
                "no body at all",
                .init(.post, "/inventory", as: "sami"), gives: 415, code: "unsupported_media_type"),
            Scenario(
                "an unknown query parameter",
                .init(
                    .post, "/inventory?draft=1", as: "sami",
                    #"{"name":"Ink","category":"paper","price":1}"#), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"draft"}]}"#),
        ]
        + .closed(
            to: "ada", "mona", by: .post, "/inventory",
            #"{"name":"Ink","category":"paper","price":1}"#)

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// The bounds of openapi.yaml.
    ///
    /// The limit of 64 for a SKU is Souk's own.
    static let bounds =
        Bound.inside("name", Bound.text(1), Bound.text(200), #""<b>\u0041 \"quoted\" \\""#)
        + Bound.outside(
            "name", #""""#, Bound.text(201), #""  ""#, #""two\nlines""#, #""nul\u0000""#, "null",
            "1", "[]", "{}", "true")
        + Bound.inside("category", Bound.ascii(1), Bound.ascii(40), #""a-1""#, #""0""#)
        + Bound.outside(
            "category", #""""#, Bound.ascii(41), #""Paper""#, #""a b""#, #""a_b""#, #""é""#, "null",
            "1")
        + Bound.inside("price", "0", "1", "100000000000")
        + Bound.outside(
            "price", "-1", "100000000001", "1.5", "1e-3", #""1""#, "null", "9223372036854775808",
            "true")
        + Bound.inside("sku", Bound.text(1), Bound.text(64))
        + Bound.outside("sku", #""""#, Bound.text(65), "1", #"" ""#)
        + Bound.inside(
            "description", #""""#, Bound.text(1), Bound.text(5000), #""two\nlines\tand a tab""#)
        + Bound.outside("description", Bound.text(5001), #""bell\u0007""#, "5")
        + Bound.inside("stock", "0", "1000000000")
        + Bound.outside("stock", "-1", "1000000001", #""5""#, "0.5")
        + Bound.inside("low_stock", "0", "1000000000")
        + Bound.outside("low_stock", "-1", "1000000001", #""5""#)
        + Bound.inside("weight_g", "0", "1000000")
        + Bound.outside("weight_g", "-1", "1000001", "1.5", #""5""#)
        + Bound.inside("requires_shipping", "true", "false")
        + Bound.outside("requires_shipping", "0", #""true""#)
        + Bound.inside("tax_class", Bound.ascii(1), Bound.ascii(40))
        + Bound.outside("tax_class", #""""#, Bound.ascii(41), #""Zero""#, "1")

    @Test func holdsTheBoundsOfEachField() throws {
        let shop = try TestShop()
        for bound in CreateProductTests.bounds {
            var body = ["name": #""Ink""#, "category": #""paper""#, "price": "1"]
            body[bound.field] = bound.value
            let text = "{\(body.map { "\"\($0)\":\($1)" }.joined(separator: ","))}"
            let response = try shop.send(.post, "/inventory?dry_run=true", as: "sami", text)
            try bound.check(response)
            if response.status.kind == .successful {
                let sent = try JSON(parsing: Array(bound.value.utf8))
                #expect(try response.json[bound.field] == sent)
            }
        }
        #expect(try shop.value("SELECT COUNT(*) AS value FROM products") as Int64 == 2)
    }

    @Test func entersTheFirstStockInTheLedger() throws {
        let shop = try TestShop()
        let body = #"{"name":"Ink","category":"paper","price":1,"stock":7}"#
        #expect(try shop.send(.post, "/inventory", as: "sami", body).status.code == 201)
        let movements = try shop.send(.get, "/inventory/3/movements", as: "sami").json["data"]
        #expect(movements?.elements.count == 1)
        #expect(movements?[0]?["delta"] == 7)
        #expect(movements?[0]?["stock_after"] == 7)
        #expect(movements?[0]?["kind"] == "received")
        #expect(movements?[0]?["actor"] == "sami")
    }

    @Test func returnsTheCreatedProduct() throws {
        let shop = try TestShop()
        let body = #"{"name":"Ink","category":"paper","price":1,"stock":7}"#
        let made = try shop.send(.post, "/inventory", as: "sami", body)
        let shown = try shop.send(.get, made.fields[.location] ?? "", as: "sami")
        #expect(shown.body == made.body)
    }

    @Test func createsOneProductForOneKey() throws {
        let shop = try TestShop()
        let body = #"{"name":"Ink","category":"paper","price":1,"stock":7}"#
        let first = try shop.send(.post, "/inventory", as: "sami", body, fields: .key("k"))
        let second = try shop.send(.post, "/inventory", as: "sami", body, fields: .key("k"))
        #expect(second.status.code == 201)
        #expect(second.body == first.body)
        #expect(second.fields[.location] == "/inventory/3")
        #expect(try shop.value("SELECT COUNT(*) AS value FROM products") as Int64 == 3)
        let other = try shop.send(
            .post, "/inventory", as: "sami", #"{"name":"Cap","category":"paper","price":1}"#,
            fields: .key("k"))
        #expect(other.status.code == 422)
        #expect(try other.json["code"] == "idempotency_key_reused")
    }
}

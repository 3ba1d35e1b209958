import HTTP
import HTTPTypes
import TestShop
import Testing

@Suite struct UpdateProductTests {
    static let ink = Scenario.Step(
        .post, "/inventory", as: "sami",
        #"{"name":"Ink","category":"paper","price":9,"sku":"A","description":"blue","low_stock":2}"#
    )

    static let rows =
        [
            Scenario(
                "one field; the others keep their values", after: [ink],
                .init(.patch, "/inventory/3", as: "sami", #"{"price":10}"#), gives: 200,
                shows:
                    #"""
                    {"id":3,"name":"Ink","category":"paper","price":10,"sku":"A",\#
                    "description":"blue","low_stock":2,"stock":0}
                    """#
            ),
            Scenario(
                "every field", after: [ink],
                .init(
                    .patch, "/inventory/3", as: "adil",
                    #"{"name":"Cap","category":"caps","price":1,"sku":"B","description":"red","low_stock":3}"#
                ), gives: 200,
                shows:
                    #"{"name":"Cap","category":"caps","price":1,"sku":"B","description":"red","low_stock":3}"#
            ),
            Scenario(
                "null clears optional fields", after: [ink],
                .init(
                    .patch, "/inventory/3", as: "sami",
                    #"{"sku":null,"description":null,"low_stock":null}"#), gives: 200,
                shows: #"{"name":"Ink","sku":null,"description":null,"low_stock":null}"#),
            Scenario(
                "null restores the defaults of weight, shipping and tax class",
                after: [
                    .init(
                        .patch, "/inventory/1", as: "sami",
                        #"{"weight_g":5,"requires_shipping":false,"tax_class":"zero"}"#)
                ],
                .init(
                    .patch, "/inventory/1", as: "sami",
                    #"{"weight_g":null,"requires_shipping":null,"tax_class":null}"#), gives: 200,
                shows: #"{"weight_g":0,"requires_shipping":true,"tax_class":"standard"}"#),
            Scenario(
                "null is rejected for required fields", after: [ink],
                .init(
                    .patch, "/inventory/3", as: "sami",
                    #"{"name":null,"category":null,"price":null}"#), gives: 422,
                code: "invalid_request",
                shows: #"{"errors":[{"field":"name"},{"field":"category"},{"field":"price"}]}"#),
            Scenario(
                "nothing", after: [ink],
                .init(.patch, "/inventory/3", as: "sami", "{}"), gives: 200,
                shows: #"{"name":"Ink","price":9}"#),
            Scenario(
                "its own SKU again", after: [ink],
                .init(.patch, "/inventory/3", as: "sami", #"{"sku":"A"}"#), gives: 200,
                shows: #"{"sku":"A"}"#),
            Scenario(
                "the SKU of another", after: [ink],
                .init(.patch, "/inventory/1", as: "sami", #"{"sku":"A","price":1}"#), gives: 409,
                code: "sku_taken",
                shows: #"{"errors":[{"field":"sku","message":"is the SKU of product 3"}]}"#),
            Scenario(
                "the SKU of an archived product",
                after: [ink, .init(.delete, "/inventory/3", as: "sami")],
                .init(.patch, "/inventory/1", as: "sami", #"{"sku":"A"}"#), gives: 200,
                shows: #"{"id":1,"sku":"A"}"#),
            Scenario(
                "stock, which only movements change", after: [ink],
                .init(.patch, "/inventory/3", as: "sami", #"{"stock":5,"price":-1,"id":4}"#),
                gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"price"},{"field":"stock"},{"field":"id"}]}"#),
            Scenario(
                "an unknown product",
                .init(.patch, "/inventory/3", as: "sami", #"{"price":1}"#), gives: 404,
                code: "product_not_found"),
            Scenario(
                "an archived product", after: [.init(.delete, "/inventory/1", as: "sami")],
                .init(.patch, "/inventory/1", as: "sami", #"{"price":1}"#), gives: 409,
                code: "product_archived"),
            Scenario(
                "the stock of an archived product",
                after: [.init(.delete, "/inventory/1", as: "sami")],
                .init(.post, "/inventory/1/stock", as: "sami", #"{"delta":1,"reason":"r"}"#),
                gives: 409, code: "product_archived"),
            Scenario(
                "an id beyond 64 bits",
                .init(.patch, "/inventory/9223372036854775808", as: "sami", #"{"price":1}"#),
                gives: 404, code: "not_found"),
            Scenario(
                "a body of another type",
                .init(
                    .patch, "/inventory/1", as: "sami", "price=1",
                    fields: [.contentType: "text/plain"]), gives: 415,
                code: "unsupported_media_type"),
            Scenario(
                "any version",
                .init(.patch, "/inventory/1", as: "sami", #"{"price":1}"#, fields: [.ifMatch: "*"]),
                gives: 200, shows: #"{"price":1}"#),
            Scenario(
                "another version",
                .init(
                    .patch, "/inventory/1", as: "sami", #"{"price":1}"#,
                    fields: [.ifMatch: #""0123""#]), gives: 412, code: "precondition_failed"),
            Scenario(
                "a dry run returns the result",
                .init(.patch, "/inventory/1?dry_run=true", as: "sami", #"{"price":1}"#), gives: 200,
                shows: #"{"id":1,"price":1}"#, fields: ["Dry-Run": "true"]),
        ] + .closed(to: "ada", "mona", by: .patch, "/inventory/1", #"{"price":1}"#)

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func holdsTheBoundsOfEachField() throws {
        let shop = try TestShop()
        for bound in CreateProductTests.bounds where bound.field != "stock" {
            let body = #"{"\#(bound.field)":\#(bound.value)}"#
            let target = "/inventory/1?dry_run=true"
            try bound.check(shop.send(.patch, target, as: "sami", body))
        }
        #expect(try shop.value("SELECT price AS value FROM products WHERE id = 1") as Int64 == 250)
    }

    @Test func changesOnlyTheMatchingVersion() throws {
        let shop = try TestShop()
        let tag = try shop.send(.get, "/inventory/1", as: "sami").fields[.eTag] ?? ""
        shop.clock.pass(seconds: 5)
        let body = #"{"price":300}"#
        let weak = try shop.send(
            .patch, "/inventory/1", as: "sami", body, fields: [.ifMatch: "W/\(tag)"])
        #expect(weak.status.code == 412)
        let first = try shop.send(
            .patch, "/inventory/1", as: "sami", body, fields: [.ifMatch: #""other", \#(tag)"#])
        #expect(first.status.code == 200)
        #expect(try first.json["updated_at"] == "2026-11-18T11:06:45.000Z")
        #expect(try first.json["created_at"] == "1970-01-01T00:00:00.000Z")
        let late = try shop.send(.patch, "/inventory/1", as: "sami", body, fields: [.ifMatch: tag])
        #expect(late.status.code == 412)
        #expect(try shop.send(.get, "/inventory/1", as: "sami").body == first.body)
    }

    @Test func aDryRunChangesNothing() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "sami")
        let before = try shop.contents()
        for (method, target, body) in [
            (.patch, "/inventory/1", #"{"price":1}"#), (.delete, "/inventory/1", nil),
            (.post, "/inventory/1/stock", #"{"delta":1,"reason":"more"}"#),
            (.post, "/inventory", #"{"name":"Ink","category":"paper","price":1,"stock":3}"#),
        ] as [(HTTPRequest.Method, String, String?)] {
            let response = try shop.send(
                method, "\(target)?dry_run=true", as: "sami", body, fields: .key("k"))
            #expect(response.status.kind == .successful, "\(method) \(target) \(response.text)")
            #expect(try shop.contents() == before, "\(method) \(target)")
        }
    }
}

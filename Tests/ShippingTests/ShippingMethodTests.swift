import HTTP
import TestShop
import Testing

@Suite struct ShippingMethodTests {
    static let target = "/sales/shipping-methods"

    static func create(_ body: String) -> Scenario.Step { .init(.post, target, as: "sami", body) }

    static let parcel = create(
        #"""
        {"name":"Parcel","countries":["DE","AT"],"price":490,"free_from":10000,\#
        "min_weight_g":1000,"max_weight_g":31500,"tax_class":"reduced"}
        """#)
    static let letter = create(#"{"name":"Letter","price":190,"max_weight_g":999}"#)
    static let courier = create(
        #"{"name":"Courier","countries":["FR"],"price":1500,"cash_on_delivery":true}"#)

    static let rows =
        [
            Scenario(
                "creates one", parcel, gives: 201,
                shows: #"""
                    {"id":1,"name":"Parcel","countries":["DE","AT"],"price":490,"free_from":10000,\#
                    "min_weight_g":1000,"max_weight_g":31500,"cash_on_delivery":false,\#
                    "tax_class":"reduced","created_at":"2026-11-18T11:06:40.000Z"}
                    """#, fields: ["Location": "/sales/shipping-methods/1"]),
            Scenario(
                "creates one with the defaults",
                create(#"{"name":"Pick up","price":0,"countries":null,"cash_on_delivery":null}"#),
                gives: 201,
                shows: #"""
                    {"countries":[],"free_from":null,"min_weight_g":null,"max_weight_g":null,\#
                    "cash_on_delivery":false,"tax_class":"standard"}
                    """#),
            Scenario(
                "shows one to everyone", after: [parcel], .init(.get, "\(target)/1"), gives: 200,
                shows: #"{"name":"Parcel"}"#),
            Scenario(
                "changes one", after: [parcel],
                .init(
                    .patch, "\(target)/1", as: "adil",
                    #"{"price":590,"countries":null,"free_from":null}"#), gives: 200,
                shows: #"{"price":590,"countries":[],"free_from":null,"max_weight_g":31500}"#),
            Scenario(
                "archives one", after: [parcel], .init(.delete, "\(target)/1", as: "sami"),
                gives: 204),
            Scenario(
                "does not show an archived one",
                after: [parcel, .init(.delete, "\(target)/1", as: "sami")],
                .init(.get, "\(target)/1"), gives: 404, code: "shipping_method_not_found"),
            Scenario(
                "does not change an archived one",
                after: [parcel, .init(.delete, "\(target)/1", as: "sami")],
                .init(.patch, "\(target)/1", as: "sami", #"{"price":1}"#), gives: 404,
                code: "shipping_method_not_found"),
            Scenario(
                "does not list an archived one",
                after: [parcel, letter, .init(.delete, "\(target)/1", as: "sami")],
                .init(.get, target), gives: 200, shows: #"{"data":[{"id":2}]}"#),
            Scenario(
                "an invalid id", .init(.get, "\(target)/x"), gives: 404, code: "not_found"),
            Scenario(
                "a dry run creates none",
                after: [
                    .init(.post, "\(target)?dry_run=true", as: "sami", #"{"name":"a","price":1}"#)
                ],
                .init(.get, target), gives: 200, shows: #"{"data":[]}"#),
            Scenario(
                "the lightest order is heavier than the heaviest",
                create(#"{"name":"a","price":1,"min_weight_g":2,"max_weight_g":1}"#), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"max_weight_g"}]}"#),
            Scenario(
                "the same by a change", after: [parcel],
                .init(.patch, "\(target)/1", as: "sami", #"{"max_weight_g":999}"#), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"max_weight_g"}]}"#),
            Scenario(
                "every fault at once",
                create(
                    #"""
                    {"name":"","countries":["DE","DE"],"price":-1,"free_from":"1",\#
                    "min_weight_g":-1,"max_weight_g":1.5,"cash_on_delivery":1,"tax_class":"A",\#
                    "weight":1}
                    """#), gives: 422, code: "invalid_request",
                shows: #"""
                    {"errors":[{"field":"name"},{"field":"countries"},{"field":"price"},\#
                    {"field":"free_from"},{"field":"min_weight_g"},{"field":"max_weight_g"},\#
                    {"field":"cash_on_delivery"},{"field":"tax_class"},{"field":"weight"}]}
                    """#),
            Scenario(
                "a country that does not exist",
                create(#"{"name":"a","price":1,"countries":["XX"]}"#),
                gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"countries"}]}"#),
            Scenario(
                "invalid parameters", .init(.get, "\(target)?country=de&weight=-1&subtotal=x"),
                gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"country"},{"field":"weight"},{"field":"subtotal"}]}"#),
        ]
        + .closed(to: "ada", "mona", by: .post, target, #"{"name":"a","price":1}"#)
        + .closed(to: "ada", "mona", by: .patch, "\(target)/1", #"{"price":1}"#)
        + .closed(to: "ada", "mona", by: .delete, "\(target)/1")

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// The methods and prices for an order, as `id:price`.
    static let offers: [(query: String, offers: [String])] = [
        ("", ["1:490", "2:190", "3:1500"]),
        ("?country=DE", ["1:490", "2:190"]),
        ("?country=FR", ["2:190", "3:1500"]),
        ("?country=US", ["2:190"]),
        ("?weight=999", ["2:190", "3:1500"]),
        ("?weight=1000", ["1:490", "3:1500"]),
        ("?weight=31500&country=AT", ["1:490"]),
        ("?weight=31501&country=AT", []),
        ("?subtotal=9999", ["1:490", "2:190", "3:1500"]),
        ("?subtotal=10000", ["1:0", "2:190", "3:1500"]),
        ("?country=DE&weight=2000&subtotal=10000", ["1:0"]),
    ]

    @Test func listsWhatApplies() throws {
        let shop = try TestShop()
        for step in [Self.parcel, Self.letter, Self.courier] { try step.succeeds(in: shop) }
        for row in Self.offers {
            let list = try shop.send(.get, Self.target + row.query).json["data"]?.elements ?? []
            let found = list.map { "\($0["id"]?.integer ?? 0):\($0["price"]?.integer ?? 0)" }
            #expect(found == row.offers, "\(row.query)")
        }
    }

    @Test func changesOnlyTheVersionThatWasSeen() throws {
        let shop = try TestShop()
        try Self.parcel.succeeds(in: shop)
        let tag = try shop.send(.get, "\(Self.target)/1").fields[.eTag] ?? ""
        let change = #"{"price":1}"#
        let first = try shop.send(
            .patch, "\(Self.target)/1", as: "sami", change, fields: [.ifMatch: tag])
        #expect(first.status.code == 200)
        let second = try shop.send(
            .patch, "\(Self.target)/1", as: "sami", change, fields: [.ifMatch: tag])
        #expect(second.status.code == 412)
        let gone = try shop.send(
            .delete, "\(Self.target)/1", as: "sami", fields: [.ifMatch: tag])
        #expect(gone.status.code == 412)
    }

    @Test func isAudited() throws {
        let shop = try TestShop()
        try Self.letter.succeeds(in: shop)
        _ = try shop.send(.patch, "\(Self.target)/1", as: "sami", #"{"price":200}"#)
        _ = try shop.send(.delete, "\(Self.target)/1", as: "sami")
        let entries = try shop.send(.get, "/customers/audit", as: "adil").json["data"]?.elements
        let found = (entries ?? []).prefix(3).map { "\($0["action"]?.text ?? "")" }
        #expect(
            found == [
                "archived_shipping_method", "changed_shipping_method", "created_shipping_method",
            ])
        #expect(entries?[1]["before"] == #"{"price":190}"#)
        #expect(entries?[1]["after"] == #"{"price":200}"#)
        #expect(entries?[1]["subject"]?.text == "/sales/shipping-methods/1")
    }

    @Test func holdsTwoHundred() throws {
        let shop = try TestShop()
        for _ in 0..<200 { try Self.letter.succeeds(in: shop) }
        try Scenario("", Self.letter, gives: 422, code: "quota_exceeded").play(in: shop)
        _ = try shop.send(.delete, "\(Self.target)/7", as: "sami")
        try Scenario("", Self.letter, gives: 201).play(in: shop)
    }
}

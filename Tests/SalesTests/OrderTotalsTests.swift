import HTTP
import TestShop
import Testing

/// Orders with an address, a shipping method and taxes.
@Suite struct OrderTotalsTests {
    static let address =
        #"{"name":"Ada","lines":["Main Street 1"],"city":"Berlin","country":"DE"}"#

    /// A shop with taxes in Germany and New York, a parcel of 490 and a letter for small orders.
    static func shop(pricesIncludeTax: Bool = true, country: String? = nil) throws -> TestShop {
        let shop = try TestShop(pricesIncludeTax: pricesIncludeTax, country: country)
        let steps: [Scenario.Step] = [
            .init(
                .put, "/sales/tax-rates", as: "sami",
                #"""
                {"data":[{"class":"standard","country":"DE","rate":1900,"name":"VAT 19 %"},\#
                {"class":"reduced","country":"DE","rate":700,"name":"VAT 7 %"},\#
                {"class":"standard","country":"US","rate":400,"name":"State"},\#
                {"class":"standard","country":"US","region":"NY","rate":888,"name":"NY"}]}
                """#),
            .init(
                .post, "/sales/shipping-methods", as: "sami",
                #"{"name":"Parcel","price":490,"free_from":5000}"#),
            .init(
                .post, "/sales/shipping-methods", as: "sami",
                #"{"name":"Letter","price":190,"countries":["DE"],"max_weight_g":50}"#),
            .init(
                .patch, "/inventory/1", as: "sami",
                #"{"weight_g":20,"sku":"PEN","tax_class":"reduced"}"#),
            .init(.patch, "/inventory/2", as: "sami", #"{"weight_g":900}"#),
        ]
        for step in steps { try step.succeeds(in: shop) }
        return shop
    }

    static func order(
        _ items: String, method: Int? = 1, address: String? = address, more: String = "",
        as account: String = "ada", query: String = ""
    ) -> Scenario.Step {
        .init(
            .post, "/sales\(query)", as: account,
            body(items, method: method, address: address, more: more))
    }

    static func body(_ items: String, method: Int?, address: String?, more: String) -> String {
        let members =
            [
                #""items":[\#(items)]"#, address.map { #""shipping_address":\#($0)"# },
                method.map { #""shipping_method":\#($0)"# },
            ].compactMap { $0 } + (more.isEmpty ? [] : [more])
        return "{\(members.joined(separator: ","))}"
    }

    static func items(_ pens: Int, lamps: Int = 0) -> String {
        [(1, pens), (2, lamps)].filter { $0.1 > 0 }.map {
            #"{"product_id":\#($0.0),"quantity":\#($0.1)}"#
        }.joined(separator: ",")
    }

    @Test func includesTheTax() throws {
        let shop = try Self.shop()
        // 750 · 700 / 10700 = 49.07, 4000 · 1900 / 11900 = 638.66, 490 · 1900 / 11900 = 78.24.
        try Scenario(
            "", Self.order(Self.items(3, lamps: 1)), gives: 201,
            shows: #"""
                {"subtotal":4750,"discount":0,"shipping":490,"tax":766,"tax_included":true,\#
                "total":5240,"currency_exponent":2,"number":"1","payment_status":"paid",\#
                "fulfillment_status":"unfulfilled","items":[{"sku":"PEN","unit_price":250,\#
                "discount":0,"tax":49,"tax_rate":700,"total":750},{"sku":null,"tax":639,\#
                "tax_rate":1900,"total":4000}],"shipping_method":{"id":1,"name":"Parcel",\#
                "price":490},"shipping_address":{"name":"Ada","company":null,\#
                "lines":["Main Street 1"],"city":"Berlin","country":"DE"},\#
                "billing_address":null,"note":null}
                """#
        ).play(in: shop)
        let wallet = try shop.send(.get, "/customers/ada/wallet", as: "ada").json["balance"]
        #expect(wallet == 94_760)
    }

    @Test func addsTheTax() throws {
        let shop = try Self.shop(pricesIncludeTax: false)
        // 750 · 7 % = 52.5, 4000 · 19 % = 760, 490 · 19 % = 93.1.
        try Scenario(
            "", Self.order(Self.items(3, lamps: 1)), gives: 201,
            shows: #"""
                {"subtotal":4750,"shipping":490,"tax":906,"tax_included":false,"total":6146,\#
                "items":[{"tax":53,"total":750},{"tax":760,"total":4000}]}
                """#
        ).play(in: shop)
        let day = try shop.send(.get, ReportsTests.daily, as: "sami").json["data"]?[0]
        #expect(day?["gross"] == 6146 && day?["shipping"] == 490 && day?["tax"] == 906)
        #expect(day?["discount"] == 0)
        let top = try shop.send(.get, ReportsTests.top, as: "sami").json["data"]
        #expect(top?[0]?["gross"] == 4760 && top?[1]?["gross"] == 803)
    }

    static let elsewhere: [(address: String, tax: Int64)] = [
        // 4000 and the shipping of 490, of which 8.88 %, 4 % or nothing is due.
        (#"{"name":"A","lines":["1"],"city":"C","region":"ny","country":"US"}"#, 355 + 44),
        (#"{"name":"A","lines":["1"],"city":"C","region":"Ohio","country":"US"}"#, 160 + 20),
        (#"{"name":"A","lines":["1"],"city":"C","country":"US"}"#, 160 + 20),
        (#"{"name":"A","lines":["1"],"city":"C","country":"FR"}"#, 0),
    ]

    @Test func theDestinationDecides() throws {
        let shop = try Self.shop(pricesIncludeTax: false, country: "DE")
        for row in Self.elsewhere {
            let step = Self.order(
                Self.items(0, lamps: 1), address: row.address, query: "?dry_run=true")
            let order = try shop.send(step).json
            #expect(order["tax"] == .integer(row.tax), "\(row.address)")
            #expect(order["total"] == .integer(4490 + row.tax), "\(row.address)")
        }
    }

    @Test func anOrderWithoutAddressIsTaxedInTheShopsCountry() throws {
        let shop = try TestShop(pricesIncludeTax: false, country: "DE")
        let rates = #"{"data":[{"class":"standard","country":"DE","rate":1900,"name":"VAT"}]}"#
        _ = try shop.send(.put, "/sales/tax-rates", as: "sami", rates)
        try Scenario(
            "", CreateOrderTests.buy(1, 1), gives: 201, shows: #"{"tax":48,"total":298}"#
        ).play(in: shop)
    }

    @Test func shippingIsFreeFromASubtotal() throws {
        let shop = try Self.shop()
        try Scenario(
            "", Self.order(Self.items(4, lamps: 1)), gives: 201,
            shows: #"{"subtotal":5000,"shipping":0,"shipping_method":{"price":0},"total":5000}"#
        ).play(in: shop)
    }

    static let refusals: [Scenario] = [
        Scenario(
            "no address and no method", order(items(1), method: nil, address: nil), gives: 422,
            code: "invalid_request",
            shows: #"{"errors":[{"field":"shipping_address"},{"field":"shipping_method"}]}"#),
        Scenario(
            "no method", order(items(1), method: nil), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"shipping_method"}]}"#),
        Scenario(
            "no address", order(items(1), address: nil), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"shipping_address"}]}"#),
        Scenario(
            "too heavy for a letter", order(items(3), method: 2), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"shipping_method"}]}"#),
        Scenario(
            "a letter to another country",
            order(items(1), method: 2, address: elsewhere[3].address), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"shipping_method"}]}"#),
        Scenario(
            "an unknown method", order(items(1), method: 9), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"shipping_method"}]}"#),
        Scenario(
            "an archived method", after: [.init(.delete, "/sales/shipping-methods/1", as: "sami")],
            order(items(1)), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"shipping_method"}]}"#),
        Scenario(
            "a method for a download",
            after: [.init(.patch, "/inventory/1", as: "sami", #"{"requires_shipping":false}"#)],
            order(items(1)), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"shipping_method"}]}"#),
        Scenario(
            "no address, before too few in stock", order(items(11), address: nil), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"shipping_address"}]}"#),
        Scenario(
            "the total without shipping",
            order(items(1), more: #""expected_total":250"#), gives: 409, code: "price_changed",
            shows: #"{"detail":"The total is now 740."}"#),
        Scenario(
            "a wallet that pays the products only",
            after: [.init(.post, "/customers/ben/wallet/credit", as: "sami", #"{"amount":739}"#)],
            order(items(1), as: "ben"), gives: 409, code: "insufficient_funds"),
        Scenario(
            "an address of another customer", order(items(1), address: "1", as: "ben"), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"shipping_address"}]}"#),
        Scenario(
            "every fault of the address",
            order(items(1), address: #"{"name":"","country":"de","street":"x"}"#), gives: 422,
            code: "invalid_request",
            shows: #"""
                {"errors":[{"field":"shipping_address.name"},{"field":"shipping_address.lines"},\#
                {"field":"shipping_address.city"},{"field":"shipping_address.country"},\#
                {"field":"shipping_address.street"}]}
                """#),
        Scenario(
            "for another customer", order(items(1), more: #""customer":"ben""#), gives: 403,
            code: "forbidden"),
        Scenario(
            "for an unknown customer",
            order(items(1), more: #""customer":"nobody""#, as: "sami"), gives: 404,
            code: "customer_not_found"),
    ]

    @Test(arguments: refusals) func refuses(row: Scenario) throws {
        let shop = try Self.shop()
        let saved =
            #"{"label":"home","name":"Ada","lines":["1"],"city":"Bern","country":"CH"}"#
        _ = try shop.send(.post, "/customers/ada/addresses", as: "ada", saved)
        try row.play(in: shop)
    }

    @Test func sellsWhatNeedsNoShippingWithoutAddress() throws {
        let shop = try Self.shop(country: "DE")
        _ = try shop.send(.patch, "/inventory/1", as: "sami", #"{"requires_shipping":false}"#)
        try Scenario(
            "", CreateOrderTests.buy(1, 1), gives: 201,
            shows: #"{"shipping":0,"shipping_method":null,"tax":16,"total":250}"#
        ).play(in: shop)
    }

    /// Addresses are copied: the saved one may change or go.
    @Test func copiesASavedAddress() throws {
        let shop = try Self.shop()
        let saved = #"{"name":"Ada","lines":["Old Street"],"city":"Bern","country":"CH"}"#
        _ = try shop.send(.post, "/customers/ada/addresses", as: "ada", saved)
        let more = #""billing_address":\#(Self.address),"note":"Ring\ntwice.""#
        let sold = try shop.send(Self.order(Self.items(1), address: "1", more: more))
        #expect(sold.status.code == 201, "\(sold.text)")
        for request in [
            Scenario.Step(.patch, "/customers/ada/addresses/1", as: "ada", #"{"city":"Basel"}"#),
            .init(.delete, "/customers/ada/addresses/1", as: "ada"),
            .init(.patch, "/sales/shipping-methods/1", as: "sami", #"{"name":"Box","price":1}"#),
            .init(.put, "/sales/tax-rates", as: "sami", #"{"data":[]}"#),
        ] {
            try request.succeeds(in: shop)
        }
        let shown = try shop.send(.get, "/sales/1", as: "ada")
        #expect(shown.body == sold.body)
        #expect(try shown.json["shipping_address"]?["city"] == "Bern")
        #expect(try shown.json["billing_address"]?["city"] == "Berlin")
        #expect(try shown.json["note"]?.text == "Ring\ntwice.")
        #expect(try shop.breaches() == [])
    }

    @Test func staffOrderForACustomer() throws {
        let shop = try Self.shop()
        let step = Self.order(Self.items(1), more: #""customer":"Ada""#, as: "sami")
        try Scenario(
            "", step, gives: 201,
            shows: #"{"username":"ada","total":740,"timeline":[{"actor":"sami"}]}"#
        ).play(in: shop)
        let wallet = try shop.send(.get, "/customers/ada/wallet", as: "ada").json["balance"]
        #expect(wallet == 99_260)
        let entry = try shop.send(.get, "/customers/audit", as: "adil").json["data"]?[0]
        #expect(entry?["action"] == "created_order" && entry?["username"] == "ada")
        let keyed = try shop.send(
            .post, "/sales", as: "sami",
            Self.body(
                Self.items(1), method: 1, address: Self.address, more: #""customer":"ada""#),
            fields: .key("phone"))
        #expect(keyed.status.code == 201)
        #expect(try shop.send(.get, "/sales/2", as: "ada").status.code == 200)
        #expect(try shop.breaches() == [])
    }

    /// The quote of a dry run is what the order then costs.
    @Test func aQuoteHoldsNothing() throws {
        let shop = try Self.shop()
        _ = try shop.token(of: "ada")
        let before = try shop.contents()
        let items = Self.items(3, lamps: 1)
        let quote = try shop.send(Self.order(items, query: "?dry_run=true")).json
        #expect(try shop.contents() == before)
        let order = try shop.send(Self.order(items)).json
        for name in ["subtotal", "shipping", "tax", "total", "items", "shipping_method"] {
            #expect(quote[name] == order[name], "\(name)")
        }
    }

    @Test func anErasureRemovesAddressesAndNote() throws {
        let shop = try Self.shop()
        let more = #""billing_address":\#(Self.address),"note":"Ring twice.""#
        try Self.order(Self.items(1), more: more).succeeds(in: shop)
        _ = try shop.send(
            .post, "/customers/ada/wallet/debit", as: "sami", #"{"amount":99260}"#)
        try Scenario.Step(.delete, "/customers/ada", as: "ada").succeeds(in: shop)
        let order = try shop.send(.get, "/sales/1", as: "sami").json
        #expect(order["shipping_address"] == .null && order["billing_address"] == .null)
        #expect(order["note"] == .null && order["tax"] == 94)
        let dump = try shop.dump()
        #expect(!dump.contains { $0.contains("Main Street") || $0.contains("Ring twice") })
    }
}

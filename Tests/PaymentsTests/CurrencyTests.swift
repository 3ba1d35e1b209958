import TestShop
import Testing
import Values

@testable import Payments

/// Amounts as Stripe counts them (https://docs.stripe.com/currencies).
@Suite struct CurrencyTests {
    /// What Stripe is asked for to get 4,000 minor units (ISO 4217).
    private static func units(of currency: String) -> Int64? {
        switch currency {
        case "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "VND", "VUV", "XAF",
            "XOF", "XPF":
            4000
        // Hundredths in ISO 4217, whole at Stripe.
        case "MGA": 40
        // Whole in ISO 4217, hundredths at Stripe.
        case "ISK", "UGX": 400_000
        // Thousandths, the last of which must be 0.
        case "BHD", "JOD", "KWD", "OMR", "TND": 4000
        // Stripe does not take them.
        case "IQD", "LYD", "CLF", "UYI", "UYW": nil
        default: 4000
        }
    }

    /// The codes of ISO 4217, list one, except funds and metals.
    private static let all = """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
        CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
        GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF
        KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
        MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
        SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH
        UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
        """.split(whereSeparator: \.isWhitespace).map(String.init)

    @Test(arguments: all) func isCountedAsStripeDoes(currency: String) {
        let units = Self.units(of: currency)
        #expect(StripeAmount.amount(Money(minorUnits: 4000), currency) == units)
        guard let units else { return }
        #expect(StripeAmount.money(units, currency) == Money(minorUnits: 4000))
    }

    @Test func anAmountThatStripeCannotExpressIsNil() {
        for (currency, amount) in [("MGA", 500_001), ("KWD", 5124), ("TND", 1)] as [(String, Int64)]
        {
            #expect(StripeAmount.amount(Money(minorUnits: amount), currency) == nil)
        }
        #expect(StripeAmount.money(150, "ISK") == nil)
        #expect(StripeAmount.money(.max, "MGA") == nil)
    }

    @Test(arguments: ["JPY", "KWD", "MGA", "ISK", "USD"])
    func anOrderIsPaidAndRefunded(currency: String) throws {
        let till = try Till(currency: currency)
        let order = try OrderPaymentTests.order().succeeds(in: till.shop).json
        #expect(order["currency_exponent"] == .integer(Int64(minorDigits(of: currency))))
        try till.work()
        let units = try #require(Self.units(of: currency))
        #expect(try till.stripe.session("cs_test_1")["amount_total"] == .integer(units))
        try till.deliver(till.stripe.pay("cs_test_1"))
        #expect(try till.books() == "captured 4000 0 0")
        let paid = try Scenario.Step(.get, "/sales/1", as: "ben").succeeds(in: till.shop).json
        #expect(paid["status"] == "paid" && paid["due"] == 0)
        try Scenario.Step(.post, "/sales/1/cancel", as: "ben").succeeds(in: till.shop)
        try till.work()
        #expect(try till.refunds() == ["shop succeeded 4000 4000 re_1"])
        try till.deliver(till.stripe.event("charge.refunded", #""intent":"pi_1""#))
        #expect(try till.books() == "captured 4000 4000 0")
        #expect(try till.shop.breaches() == [])
    }

    private static let page = #""return_url":"https://shop.example""#

    private static func topUp(_ amount: Int64) -> Scenario.Step {
        .init(
            .post, "/customers/ben/wallet/topups", as: "ben", #"{"amount":\#(amount),\#(page)}"#)
    }

    /// A pen costs 250 minor units.
    private static func pen(_ method: String, _ more: String = "", query: String = "")
        -> Scenario.Step
    {
        .init(
            .post, "/sales\(query)", as: "ben",
            #"{"items":[{"product_id":1,"quantity":1}],"payment":{"method":"\#(method)"\#(more)}}"#)
    }

    @Test func anAmountThatStripeCannotExpressIsRefused() throws {
        let transferred = Self.pen("bank_transfer")
        let again = Scenario.Step(
            .post, "/sales/1/payments", as: "ben", #"{"method":"card",\#(Self.page)}"#)
        for (currency, before, step) in [
            ("MGA", [], Self.topUp(500_001)), ("KWD", [], Self.topUp(5124)),
            ("IQD", [], Self.topUp(5120)), ("MGA", [], Self.pen("card", ",\(Self.page)")),
            ("MGA", [], Self.pen("card", ",\(Self.page)", query: "?dry_run=true")),
            ("MGA", [transferred], again),
        ] as [(String, [Scenario.Step], Scenario.Step)] {
            try Scenario(
                "", after: before, step, gives: 409, code: "payment_method_not_allowed"
            ).play(in: TestShop(currency: currency))
        }
        try Scenario("", Self.topUp(5120), gives: 201).play(in: TestShop(currency: "KWD"))
    }

    /// What Stripe cannot send back stays in the wallet.
    @Test func aPartThatStripeCannotExpressStaysInTheWallet() throws {
        let till = try Till(currency: "KWD")
        try Scenario.Step(
            .post, "/inventory", as: "sami",
            #"{"name":"ink","category":"paper","price":1005,"stock":2}"#
        ).succeeds(in: till.shop)
        try Scenario.Step(
            .post, "/sales", as: "ben",
            #"""
            {"items":[{"product_id":3,"quantity":2}],"payment":{"method":"card",\#(Self.page)}}
            """#
        ).succeeds(in: till.shop)
        try till.work()
        try till.deliver(till.stripe.pay("cs_test_1"))
        let one = Scenario.Step(
            .post, "/sales/1/refund", as: "sami",
            #"{"items":[{"product_id":3,"quantity":1}],"restock":true,"reason":"x"}"#)
        try one.succeeds(in: till.shop)
        #expect(try till.books() == "captured 2010 1000 5")
        try one.succeeds(in: till.shop)
        try till.work()
        #expect(try till.books() == "captured 2010 2000 10")
        #expect(
            try till.refunds() == [
                "shop succeeded 1000 1000 re_1", "shop succeeded 1000 1000 re_2",
            ])
        #expect(try till.shop.breaches() == [])
    }
}

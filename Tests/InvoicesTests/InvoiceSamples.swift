/// Documents for pages that are looked at in a browser.
enum InvoiceSamples {
    static let all = [
        ("short", document(lines: [line("Fountain pen, black", 3, 250, 750)])),
        ("yen", document(lines: [line("万年筆", 3, 25_000, 75_000)], currency: "JPY", digits: 0)),
        (
            "dinar",
            document(
                lines: [line("قلم حبر", 3, 2500, 7500)], currency: "KWD", digits: 3,
                name: "أحمد الصباح", city: "مدينة الكويت")
        ),
        (
            "long",
            document(
                lines: (1...100).map {
                    line(
                        "Product \($0) with a name that is so long that it needs a second line in print",
                        Int64($0), 1999, Int64($0) * 1999)
                })
        ),
        (
            "credit",
            document(kind: "credit_note", lines: [line("Fountain pen, black", 1, 250, 250)])
        ),
        (
            "wide",
            document(lines: [
                line(
                    String(repeating: "W", count: 120), 1_000_000, 100_000_000_000,
                    999_999_999_999_999)
            ])
        ),
    ]

    private static func line(_ name: String, _ count: Int64, _ price: Int64, _ total: Int64)
        -> String
    {
        #"""
        {"product_id":1,"sku":"SKU-\#(count)","name":"\#(name)","quantity":\#(count),\#
        "unit_price":\#(price),"discount":\#(count == 3 ? 25 : 0),"tax_rate":1900,\#
        "tax_name":"VAT","tax":120,"total":\#(total)}
        """#
    }

    private static func document(
        kind: String = "invoice", lines: [String], currency: String = "EUR", digits: Int = 2,
        name: String = "Ada Lovelace", city: String = "Berlin"
    ) -> String {
        let address = #"""
            {"name":"\#(name)","company":null,"lines":["Main Street 1","3rd floor"],\#
            "city":"\#(city)","region":null,"postal_code":"10115","country":"DE","phone":null}
            """#
        return #"""
            {"number":"CIUGKE-2026-000042","kind":"\#(kind)",\#
            "issued_at":"2026-11-18T11:06:40.000Z",\#
            "invoice":\#(kind == "invoice" ? "null" : "\"CIUGKE-2026-000041\""),\#
            "order_id":4711,"ordered_at":"2026-11-17T11:06:40.000Z",\#
            "paid_at":"2026-11-18T11:06:40.000Z","shipped_at":null,"refunded_at":null,\#
            "seller":{"name":"Pens & Paper Ltd","address":["Harbour Road 12","20457 Hamburg",\#
            "Germany"],"tax_id":"DE123456789"},"buyer":{"username":"ada",\#
            "email":"ada@example.com","billing_address":\#(address),\#
            "shipping_address":\#(address)},"payment_method":"bank_transfer","coupon":"WELCOME10",\#
            "currency":"\#(currency)","currency_exponent":\#(digits),"tax_included":true,\#
            "lines":[\#(lines.joined(separator: ","))],"shipping":{"method":"Parcel",\#
            "tax_rate":1900,"tax":78,"total":490},"taxes":[{"rate":1900,"name":"VAT",\#
            "net":\#(1_000_000),"tax":190000},{"rate":700,"name":"Reduced VAT","net":701,\#
            "tax":49}],"subtotal":1190025,"discount":25,"tax":190000,"total":1190490,\#
            "previous_hash":null}
            """#
    }
}

import Values

/// A document as a page to print on A4: one file without scripts and without other resources.
struct InvoicePage: Sendable {
    private var page = EscapedHTML()
    private let fields: StoredFields
    private let digits: Int
    private let currency: String
    /// The days of the times in the document, by the name of the member.
    private var days: [String: String] = [:]

    /// The page.
    var html: String { page.html }

    /// Makes the page of a stored document.
    ///
    /// `dayOf` returns the day of a time in the shop's time zone, as for the year of the number.
    ///
    /// - Throws: `Problem` if it is not JSON.
    init(_ document: StoredDocument, dayOf: (Instant) throws -> Day) throws {
        fields = try StoredFields(parsing: document.body)
        digits = Int(fields.integer("currency_exponent"))
        currency = fields.text("currency") ?? ""
        for name: StaticString in [
            "issued_at", "ordered_at", "paid_at", "shipped_at", "refunded_at",
        ] {
            guard let time = fields.text(name).flatMap(Instant.init(rfc3339:)) else { continue }
            days[name.description] = try dayOf(time).text
        }
        write(hash: document.hash)
    }

    private var isCreditNote: Bool { fields.text("kind") == InvoiceKind.creditNote.rawValue }
    private var number: String { fields.text("number") ?? "" }

    private func amount(_ fields: StoredFields, _ name: StaticString) -> String {
        decimal(fields.integer(name), digits: digits)
    }

    private mutating func write(hash: String) {
        page.markup(
            """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>
            """)
        page.text("\(isCreditNote ? "Credit note" : "Invoice") \(number)")
        page.markup("</title>\n<style>")
        page.style(invoiceStyle)
        page.markup("</style></head>\n<body>\n")
        writeHeader()
        writeParties()
        writeLines()
        writeSums()
        writeFooter(hash: hash)
        page.markup("</body></html>\n")
    }

    private mutating func writeHeader() {
        page.markup(
            isCreditNote ? "<header><div><h1>Credit note</h1>" : "<header><div><h1>Invoice</h1>")
        page.text(number, in: "<p class=\"number\">", "</p></div>\n<div class=\"seller\">")
        if let seller = fields.object("seller") {
            line(seller.text("name"), "<div class=\"name\">")
            for text in seller.texts("address") { line(text) }
            if let id = seller.text("tax_id"), !id.isEmpty { line("Tax ID: \(id)") }
        }
        page.markup("</div></header>\n")
    }

    /// A line of an address, whose direction is that of its first letter.
    private mutating func line(_ text: String?, _ start: StaticString = "<div>") {
        guard let text, !text.isEmpty else { return }
        page.text(text, in: start, "</div>")
    }

    private mutating func writeParties() {
        page.markup("<section class=\"parties\">\n")
        let buyer = fields.object("buyer")
        let billing = buyer?.object("billing_address")
        let shipping = buyer?.object("shipping_address")
        page.markup("<div><h2>Bill to</h2><address dir=\"auto\">")
        if let address = billing ?? shipping {
            write(address)
        } else {
            line(buyer?.text("username"))
        }
        line(buyer?.text("email"))
        page.markup("</address></div>\n<div>")
        if let shipping {
            page.markup("<h2>Ship to</h2><address dir=\"auto\">")
            write(shipping)
            page.markup("</address>")
        }
        page.markup("</div>\n<dl>")
        fact("Date", day("issued_at"))
        if let invoice = fields.text("invoice") { fact("For invoice", invoice) }
        fact("Order", String(fields.integer("order_id")))
        fact("Order date", day("ordered_at"))
        fact("Paid", day("paid_at"))
        fact("Shipped", day("shipped_at"))
        fact("Refunded", day("refunded_at"))
        fact("Payment", fields.text("payment_method").map(words))
        fact("Coupon", fields.text("coupon"))
        page.markup("</dl>\n</section>\n")
    }

    private mutating func write(_ address: StoredFields) {
        line(address.text("name"))
        line(address.text("company"))
        for text in address.texts("lines") { line(text) }
        let city = [address.text("postal_code"), address.text("city"), address.text("region")]
        line(city.compactMap { $0 }.joined(separator: " "))
        line(address.text("country"))
    }

    private mutating func fact(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        page.markup("<dt>")
        page.markup(name)
        page.text(text, in: "</dt><dd dir=\"auto\">", "</dd>")
    }

    private func day(_ name: StaticString) -> String? { days[name.description] }

    /// `bank_transfer` as `Bank transfer`.
    private func words(_ name: String) -> String {
        let text = String(name.map { $0 == "_" ? " " : $0 })
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    private mutating func writeLines() {
        let lines = fields.objects("lines")
        let hasDiscount = fields.integer("discount") != 0
        page.markup("<table class=\"lines\"><thead><tr><th>Description</th><th>Quantity</th>")
        page.markup("<th>Unit price</th>")
        if hasDiscount { page.markup("<th>Discount</th>") }
        page.text(currency, in: "<th>Tax</th><th>Amount ", "</th></tr></thead>\n<tbody>\n")
        for item in lines {
            page.text(item.text("name") ?? "", in: "<tr><td><div dir=\"auto\">", "</div>")
            if let sku = item.text("sku") {
                page.text(sku, in: "<small dir=\"auto\">", "</small>")
            }
            page.text(decimal(item.integer("quantity"), digits: 0), in: "</td><td>", "</td>")
            page.text(amount(item, "unit_price"), in: "<td>", "</td>")
            if hasDiscount { page.text(amount(item, "discount"), in: "<td>", "</td>") }
            page.text(percent(item.integer("tax_rate")), in: "<td>", "</td>")
            page.text(amount(item, "total"), in: "<td>", "</td></tr>\n")
        }
        if let shipping = fields.object("shipping") {
            page.text(
                shipping.text("method").map { "Shipping: \($0)" } ?? "Shipping",
                in: "<tr><td><div dir=\"auto\">", "</div></td><td></td><td></td>")
            if hasDiscount { page.markup("<td></td>") }
            page.text(percent(shipping.integer("tax_rate")), in: "<td>", "</td>")
            page.text(amount(shipping, "total"), in: "<td>", "</td></tr>\n")
        }
        page.markup("</tbody></table>\n")
    }

    private mutating func writeSums() {
        page.markup("<section class=\"sums\">\n")
        let taxes = fields.objects("taxes")
        if taxes.contains(where: { $0.integer("rate") > 0 }) {
            page.markup(
                "<table><thead><tr><th>Tax</th><th>Net</th><th>Tax</th></tr></thead><tbody>")
            for tax in taxes {
                let name = tax.text("name").map { "\($0) " } ?? ""
                page.text(
                    "\(name)\(percent(tax.integer("rate")))", in: "<tr><td dir=\"auto\">", "</td>")
                page.text(amount(tax, "net"), in: "<td>", "</td>")
                page.text(amount(tax, "tax"), in: "<td>", "</td></tr>")
            }
            page.markup("</tbody></table>\n")
        }
        page.markup("<table class=\"totals\"><tbody>")
        let isIncluded = fields.flag("tax_included")
        sum("Subtotal", fields.integer("subtotal"))
        if fields.integer("discount") != 0 { sum("Discount", -fields.integer("discount")) }
        if let shipping = fields.object("shipping") { sum("Shipping", shipping.integer("total")) }
        if !isIncluded { sum("Tax", fields.integer("tax")) }
        page.markup("<tr class=\"total\"><td>")
        page.text(currency, in: isCreditNote ? "Credit " : "Total ", "</td>")
        page.text(amount(fields, "total"), in: "<td>", "</td></tr>")
        if isIncluded, fields.integer("tax") > 0 { sum("Tax included", fields.integer("tax")) }
        page.markup("</tbody></table>\n</section>\n")
    }

    private mutating func sum(_ name: StaticString, _ minorUnits: Int64) {
        page.markup("<tr><td>")
        page.markup(name)
        page.text(decimal(minorUnits, digits: digits), in: "</td><td>", "</td></tr>")
    }

    private mutating func writeFooter(hash: String) {
        page.text(
            isCreditNote
                ? "This credit note reduces invoice \(fields.text("invoice") ?? "")."
                : "Amounts in \(currency).", in: "<footer><p>", "</p>")
        page.text(hash, in: "<p>SHA-256 ", "</p></footer>\n")
    }
}

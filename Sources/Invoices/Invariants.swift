import Crypto
public import Storage
import Values

/// The invariants of invoices and credit notes.
public let invariants: [Invariant] = [
    Invariant("Invoices form a chain without a gap, and none was changed.", find: brokenLinks),
    Invariant(
        "An invoice charges what its order costs, and a credit note gives back what its refund paid.",
        breaches: """
            SELECT 'invoice ' || invoices.series || '-' || invoices.year || '-' || invoices.number
                AS subject
            FROM invoices JOIN orders ON orders.id = invoices.order_id
                LEFT JOIN order_events AS event ON event.id = invoices.refund_event_id
            WHERE invoices.currency <> orders.currency
                OR invoices.kind = 'invoice'
                    AND (invoices.total <> orders.total OR invoices.tax <> orders.tax)
                OR invoices.kind = 'credit_note' AND (event.order_id <> orders.id
                    OR orders.paid_at IS NOT NULL AND event.amount <> invoices.total)
            """),
    Invariant(
        "The credit notes of an order do not exceed its invoice.",
        breaches: """
            SELECT 'order ' || order_id AS subject FROM (
                SELECT order_id, \(SQL(sum: charged("1"))) AS invoices,
                    \(SQL(sum: charged("total"))) AS total, \(SQL(sum: charged("tax"))) AS tax,
                    \(SQL(sum: credited("total"))) AS credited,
                    \(SQL(sum: credited("tax"))) AS credited_tax
                FROM invoices GROUP BY order_id
            ) AS document
            WHERE invoices <> 1 OR credited > total OR credited_tax > tax
                OR credited = total AND credited_tax <> tax
            """),
]

private func charged(_ amount: SQL) -> SQL {
    "CASE WHEN kind = 'invoice' THEN \(amount) ELSE 0 END"
}
private func credited(_ amount: SQL) -> SQL {
    "CASE WHEN kind = 'credit_note' THEN \(amount) ELSE 0 END"
}

/// Walks through all documents in the order in which they were issued.
private func brokenLinks(in tx: any Transaction) throws -> [String] {
    var chain = InvoiceChain()
    try tx.stream("SELECT \(Invoice.columns), body FROM invoices ORDER BY id") { row in
        try chain.add(Invoice(row), body: row["body"])
        return chain.faults.count < Invariant.breachesMax
    }
    let row = try tx.first(
        "SELECT name, year, last_number, last_hash FROM invoice_series WHERE id = 1")
    if let row {
        chain.end(
            InvoiceNumber(
                series: try row["name"], year: try row["year"], number: try row["last_number"]),
            hash: try row["last_hash"])
    }
    return Array(chain.faults.prefix(Invariant.breachesMax))
}

/// The documents of each series up to one of them.
private struct InvoiceChain {
    private var last: [String: (number: InvoiceNumber, hash: String)] = [:]
    private(set) var faults: [String] = []

    mutating func add(_ invoice: Invoice, body: String) throws {
        let (number, before) = (invoice.number, last[invoice.number.series])
        func note(_ sentence: String) { faults.append("invoice \(number.text) \(sentence)") }
        if SHA256.hash(Array(body.utf8)).hexadecimal != invoice.hash {
            note("was changed: its hash differs")
        } else if let sentence = try fault(in: StoredFields(parsing: body), of: invoice) {
            note(sentence)
        }
        if invoice.previousHash != before?.hash {
            note("does not name the hash of the document before it")
        }
        let isNext =
            if let before = before?.number, before.year == number.year {
                number.number == before.number + 1
            } else {
                number.number == 1 && number.year > before?.number.year ?? 0
            }
        if !isNext { note("does not follow \(before?.number.text ?? "the start of its series")") }
        last[number.series] = (number, invoice.hash)
    }

    /// Compares the last document of the open series with the series.
    mutating func end(_ number: InvoiceNumber, hash: String?) {
        let found = last[number.series]
        if found?.hash != hash || found.map({ $0.number != number }) ?? (number.number != 0) {
            faults.append("series \(number.series) does not end with \(number.text)")
        }
    }

    /// Compares a document with its row and with its own sums.
    private func fault(in fields: StoredFields, of invoice: Invoice) -> String? {
        guard fields.text("number") == invoice.number.text,
            fields.text("kind") == invoice.kind.rawValue,
            fields.integer("order_id") == invoice.order,
            fields.integer("total") == invoice.total.minorUnits,
            fields.integer("tax") == invoice.tax.minorUnits,
            fields.text("currency") == invoice.currency,
            fields.text("issued_at") == invoice.issuedAt.rfc3339,
            fields.text("previous_hash") == invoice.previousHash
        else { return "differs from its row" }
        let (lines, shipping) = (fields.objects("lines"), fields.object("shipping"))
        let subtotal = lines.reduce(0) {
            $0 &+ $1.integer("unit_price") &* $1.integer("quantity")
        }
        let discount = lines.reduce(0) { $0 &+ $1.integer("discount") }
        let tax = lines.reduce(shipping?.integer("tax") ?? 0) { $0 &+ $1.integer("tax") }
        let total = lines.reduce(shipping?.integer("total") ?? 0) { $0 &+ $1.integer("total") }
        let taxes = fields.objects("taxes").reduce(0) { $0 &+ $1.integer("tax") }
        let net = fields.objects("taxes").reduce(0) { $0 &+ $1.integer("net") }
        let added = fields.flag("tax_included") ? 0 : tax
        guard subtotal == fields.integer("subtotal"), discount == fields.integer("discount"),
            tax == fields.integer("tax"), taxes == tax, total &+ added == fields.integer("total"),
            net &+ tax == fields.integer("total")
        else { return "has lines that do not add up" }
        return nil
    }
}

import HTTP
import Service
import Storage
import Values

/// Whether a document charges or gives back.
enum InvoiceKind: String, Sendable, CaseIterable, Storable, JSONWritable {
    case invoice
    case creditNote = "credit_note"
}

/// An issued invoice or credit note.
struct Invoice: Sendable {
    let id: Int64
    let number: InvoiceNumber
    let kind: InvoiceKind
    let order: Int64
    let total: Money
    let tax: Money
    let currency: String
    let issuedAt: Instant
    /// The SHA-256 of `body` in hexadecimal digits.
    let hash: String
    /// The hash of the document before it in the series.
    let previousHash: String?
}

extension Invoice: Record {
    static let columns: SQL = """
        id, series, year, number, kind, order_id, total, tax, currency, issued_at, hash,
        previous_hash
        """
    static let source: SQL = "invoices"

    init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        number = InvoiceNumber(
            series: try row["series"], year: try row["year"], number: try row["number"])
        kind = try row["kind"]
        order = try row["order_id"]
        total = try row["total"]
        tax = try row["tax"]
        currency = try row["currency"]
        issuedAt = try row["issued_at"]
        hash = try row["hash"]
        previousHash = try row["previous_hash"]
    }
}

extension Invoice: JSONWritable {
    /// Writes what a list shows.
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("number", number.text)
            $0.field("kind", kind)
            $0.field("order_id", order)
            $0.field("issued_at", issuedAt)
            $0.field("total", total)
            $0.field("tax", tax)
            $0.field("currency", currency)
            $0.field("currency_exponent", Int64(minorDigits(of: currency)))
            $0.field("hash", hash)
            $0.field("previous_hash", previousHash)
        }
    }
}

/// A document as it was issued.
struct StoredDocument: Sendable {
    /// The JSON text that never changes.
    let body: String
    let hash: String
}

extension StoredDocument: Record {
    static let columns: SQL = "body, hash"
    static let source: SQL = "invoices"

    init(_ row: Row, _ context: Void) throws {
        body = try row["body"]
        hash = try row["hash"]
    }
}

extension StoredDocument: JSONWritable {
    /// Writes the body with one more member, its hash.
    func write(to json: inout JSONWriter) {
        JSONText("\(body.dropLast()),\"hash\":\"\(hash)\"}").write(to: &json)
    }
}

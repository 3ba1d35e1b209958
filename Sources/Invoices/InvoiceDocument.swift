import Customers
import HTTP
import Sales
import Service
import Values

/// The content of an invoice or a credit note, as it is stored and never changed.
struct InvoiceDocument: Sendable {
    let number: InvoiceNumber
    let kind: InvoiceKind
    let issuedAt: Instant
    let order: InvoicedOrder
    /// The refund of a credit note.
    let refund: InvoicedRefund?
    /// The number of the invoice that a credit note reduces.
    let invoice: InvoiceNumber?
    let seller: Seller
    let amounts: Amounts
    /// The hash of the document before it in the series.
    let previousHash: String?
}

extension InvoiceDocument: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("number", number.text)
            $0.field("kind", kind)
            $0.field("issued_at", issuedAt)
            $0.field("invoice", invoice?.text)
            $0.field("order_id", order.id)
            $0.field("ordered_at", order.createdAt)
            $0.field("paid_at", order.paidAt)
            $0.field("shipped_at", order.shippedAt)
            $0.field("refunded_at", refund?.createdAt)
            $0.field("seller", seller)
            $0.field("buyer", Buyer(order: order))
            $0.field("payment_method", order.paymentMethod)
            $0.field("coupon", order.coupon)
            $0.field("currency", order.currency)
            $0.field("currency_exponent", Int64(minorDigits(of: order.currency)))
            $0.field("tax_included", order.isTaxIncluded)
            $0.field("lines", amounts.lines)
            $0.field("shipping", amounts.shipping)
            $0.field("taxes", amounts.taxes)
            $0.field("subtotal", amounts.subtotal)
            $0.field("discount", amounts.discount)
            $0.field("tax", amounts.tax)
            $0.field("total", amounts.total)
            $0.field("previous_hash", previousHash)
        }
    }
}

/// The buyer of an order.
private struct Buyer: JSONWritable {
    let order: InvoicedOrder

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("username", isGuest(order.username) ? nil : order.username)
            $0.field("email", order.email)
            $0.field("billing_address", order.billingAddress.map(JSONText.init))
            $0.field("shipping_address", order.shippingAddress.map(JSONText.init))
        }
    }
}

extension DocumentLine: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product)
            $0.field("sku", sku)
            $0.field("name", name)
            $0.field("quantity", quantity)
            $0.field("unit_price", unitPrice)
            $0.field("discount", discount)
            $0.field("tax_rate", taxRate.basisPoints)
            $0.field("tax_name", taxName)
            $0.field("tax", tax)
            $0.field("total", total)
        }
    }
}

extension DocumentShipping: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("method", method)
            $0.field("tax_rate", taxRate.basisPoints)
            $0.field("tax", tax)
            $0.field("total", price)
        }
    }
}

extension TaxSum: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("rate", rate.basisPoints)
            $0.field("name", name)
            $0.field("net", net)
            $0.field("tax", tax)
        }
    }
}

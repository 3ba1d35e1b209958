import HTTP
import Service
import Storage
import Values

/// A product in an order, with its name and price at the time of the order.
struct OrderLine: Sendable {
    let product: Int64
    let name: String
    let sku: String?
    let unitPrice: Money
    let quantity: Int64
    /// The discount on the whole line.
    var discount = Money.zero
    /// The tax on what is left after the discount.
    var tax = Money.zero
    var taxRate = TaxRate.zero
    /// The name of the tax; nil if there is none.
    var taxName: String?
    /// Whether the price contains the tax.
    var isTaxIncluded = true
    var requiresShipping = true
    var refundedQuantity: Int64 = 0
    var shippedQuantity: Int64 = 0
    /// The units that came back by returns, among the refunded ones.
    var returnedQuantity: Int64 = 0

    /// The number of units that have not been refunded.
    var left: Int64 { quantity - refundedQuantity }

    /// The price of the line after the discount.
    var total: Money { unitPrice &* quantity &- discount }

    /// What the buyer pays for the line, with its tax.
    var amount: Money { isTaxIncluded ? total : total &+ tax }

    /// What a refund of `units` more units pays back.
    func refund(of units: Int64) -> Money {
        amount.part(refundedQuantity + units, of: quantity)
            &- amount.part(refundedQuantity, of: quantity)
    }
}

extension OrderLine: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product)
            $0.field("sku", sku)
            $0.field("name", name)
            $0.field("unit_price", unitPrice)
            $0.field("quantity", quantity)
            $0.field("discount", discount)
            $0.field("tax", tax)
            $0.field("tax_rate", taxRate.basisPoints)
            $0.field("total", total)
            $0.field("shipped_quantity", shippedQuantity)
            $0.field("refunded_quantity", refundedQuantity)
            $0.field("returned_quantity", returnedQuantity)
        }
    }
}

extension OrderLine: Record {
    static let columns: SQL = """
        order_id, product_id, name, sku, unit_price, quantity, discount, tax, tax_rate, tax_name,
        tax_included, requires_shipping, refunded_quantity, shipped_quantity,
        returned_quantity
        """
    static let source: SQL = "order_lines"

    init(_ row: Row, _ context: Void) throws {
        self.init(
            product: try row["product_id"], name: try row["name"], sku: try row["sku"],
            unitPrice: try row["unit_price"], quantity: try row["quantity"],
            discount: try row["discount"], tax: try row["tax"],
            taxRate: TaxRate(basisPoints: try row["tax_rate"]), taxName: try row["tax_name"],
            isTaxIncluded: try row["tax_included"], requiresShipping: try row["requires_shipping"],
            refundedQuantity: try row["refunded_quantity"],
            shippedQuantity: try row["shipped_quantity"],
            returnedQuantity: try row["returned_quantity"])
    }
}

/// `OrderLine.amount` in SQL; `line` is the table's name with a full stop.
func amount(ofLine line: SQL) -> SQL {
    """
    (\(line)unit_price * \(line)quantity - \(line)discount
        + CASE WHEN \(line)tax_included = 1 THEN 0 ELSE \(line)tax END)
    """
}

/// The refunded part of `OrderLine.amount` in SQL, as `Money.part` computes it.
func refund(ofLine line: SQL) -> SQL {
    """
    (\(line)refunded_quantity * (\(amount(ofLine: line)) / \(line)quantity)
        + \(line)refunded_quantity * (\(amount(ofLine: line)) % \(line)quantity)
            / \(line)quantity)
    """
}

import Customers
import HTTP
import Inventory
import Sales
import Service
import Storage
import Values

/// A cart as it is shown: with prices, totals and problems of this moment.
struct CartView: Sendable {
    let cart: Cart
    let lines: [CartLine]
    /// Nil if the total exceeds the limit.
    let quote: CartQuote?
    /// Empty if the cart can be checked out.
    let problems: [CartProblem]
    let currency: String
}

/// A line of a cart with its product.
struct CartLine: Sendable {
    let item: CartItem
    let product: Product
    /// Its amounts; nil if it cannot be ordered.
    var quoted: CartQuote.Line?
}

extension CartView {
    /// Reads the lines of a cart, which the caller has locked in a write, and their products.
    init(of cart: Cart, for call: Call, in tx: any Transaction) throws {
        try self.init(of: cart, with: cartItems(of: cart.id, in: tx), for: call, in: tx)
    }

    /// Reads the products of lines, and quotes them as an order without a change in the database.
    init(of cart: Cart, with items: [CartItem], for call: Call, in tx: any Transaction) throws {
        let found =
            items.isEmpty ? [] : try products(items.map(\.product), in: tx, call.productContext)
        let known = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
        var lines = items.compactMap { item in
            known[item.product].map { CartLine(item: item, product: $0) }
        }
        let showsStock = call.stockVisibility != .availability
        var problems = lines.enumerated().flatMap { index, line in
            line.problems(at: index, showsStock: showsStock)
        }
        let quoted = try Carts.quote(cart, lines, by: call, in: tx)
        problems += quoted.problems
        if items.isEmpty { problems.append(.empty) }
        if call.caller.role == nil, cart.details.email == nil { problems.append(.emailMissing) }
        for index in lines.indices {
            lines[index].quoted = quoted.quote?.lines[lines[index].product.id]
        }
        self.init(
            cart: cart, lines: lines, quote: quoted.quote,
            problems: cart.order == nil ? problems : [], currency: call.shop.currency)
    }
}

extension CartLine {
    /// A stock that the caller may not see is not compared with the quantity: the answers to many
    /// quantities would reveal it.
    fileprivate func problems(at index: Int, showsStock: Bool) -> [CartProblem] {
        func problem(_ code: CartProblem.Code, _ member: String, _ message: String) -> CartProblem {
            CartProblem(
                code: code, item: item.product, field: "items[\(index)].\(member)",
                message: message)
        }
        guard product.isOnSale else {
            return [problem(.productGone, "product_id", "is not on sale")]
        }
        var problems: [CartProblem] = []
        if product.stock == 0 {
            problems.append(problem(.outOfStock, "quantity", "exceeds the stock of 0"))
        } else if showsStock, product.stock < item.quantity {
            problems.append(problem(.notEnoughStock, "quantity", "exceeds the stock"))
        }
        if product.details.price != item.unitPrice {
            problems.append(
                problem(
                    .priceChanged, "unit_price",
                    "was \(item.unitPrice.minorUnits) when the product was put into the cart"))
        }
        return problems
    }
}

/// Quotes the lines that are on sale, with as much of the cart's choices as applies.
private func quote(
    _ cart: Cart, _ lines: [CartLine], by call: Call, in tx: any Transaction
) throws -> (quote: CartQuote?, problems: [CartProblem]) {
    // By product id, as in an order.
    let items = lines.filter(\.product.isOnSale).sorted { $0.product.id < $1.product.id }
        .map { (product: $0.product, quantity: $0.item.quantity) }
    var purchase = cart.purchase(of: [], nil, for: Buyer(call.caller))
    var (withCoupon, withShipping) = (!items.isEmpty, !items.isEmpty)
    if items.isEmpty { purchase = purchase.withoutCoupon }
    var problems: [CartProblem] = []
    while true {
        do {
            let quote = try quoteCart(
                items, for: purchase, withShipping: withShipping, by: call, in: tx)
            return (quote, problems)
        } catch let problem as Problem {
            problems += problem.faults.map {
                CartProblem($0, isMethodChosen: cart.details.shippingMethod != nil)
            }
            // Once more without what does not apply: first the coupon, then shipping.
            if withCoupon, problem.code == "coupon_invalid" {
                withCoupon = false
                purchase = purchase.withoutCoupon
            } else if withShipping, problem.isAboutShipping {
                withShipping = false
            } else {
                return (nil, problems)
            }
        }
    }
}

extension Problem {
    fileprivate var isAboutShipping: Bool {
        faults.contains { $0.field.hasPrefix("shipping_") }
    }
}

extension CartView: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { write(membersTo: &$0) }
    }

    private func write(membersTo json: inout JSONWriter) {
        json.field("items", lines)
        if let quote {
            quote.write(totalsTo: &json)
        } else {
            for name in ["subtotal", "discount", "shipping", "tax", "tax_included", "total"]
                as [StaticString]
            {
                json.field(name, Money?.none)
            }
        }
        json.field("currency", currency)
        json.field("currency_exponent", Int64(minorDigits(of: currency)))
        json.field("shipping_address", cart.details.shippingAddress)
        json.field("billing_address", cart.details.billingAddress)
        json.field("shipping_method", cart.details.shippingMethod)
        json.field("coupon", cart.details.coupon)
        json.field("email", cart.details.email)
        json.field("note", cart.details.note)
        json.field("problems", problems)
        json.field("order_id", cart.order)
        json.field("created_at", cart.createdAt)
        json.field("updated_at", cart.updatedAt)
        json.field("expires_at", cart.expiresAt)
    }
}

extension CartLine: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", item.product)
            $0.field("sku", product.details.sku)
            $0.field("name", product.details.name)
            $0.field("unit_price", product.details.price)
            $0.field("quantity", item.quantity)
            $0.field("discount", quoted?.discount)
            $0.field("tax", quoted?.tax)
            $0.field("total", quoted?.total)
            $0.field("available", product.isOnSale)
            product.writeStock(to: &$0)
        }
    }
}

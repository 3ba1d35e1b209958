public import Customers
import HTTP
import Service
import Storage
import Values

/// The carts of a customer; erasing an account deletes them.
///
/// A guest's cart belongs to no account. It is deleted when it expires.
public let personalData: [PersonalData] = [
    PersonalData("carts") { customer, tx in
        try tx.all(Cart.self, "WHERE customer_id = \(customer) ORDER BY id").map { cart in
            ExportedCart(cart: cart, items: try cartItems(of: cart.id, in: tx))
        }
    } erase: { customer, tx in
        let ids: [Int64] = try tx.all(
            "SELECT id FROM carts WHERE customer_id = \(customer) ORDER BY id \(.alone("carts"))"
        ) { try $0["id"] }
        try tx.run("DELETE FROM cart_items WHERE cart_id IN \(ids.list)")
        try tx.run("DELETE FROM carts WHERE customer_id = \(customer)")
    }
]

private struct ExportedCart: JSONWritable {
    let cart: Cart
    let items: [CartItem]

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("items", items)
            $0.field("shipping_address", cart.details.shippingAddress)
            $0.field("billing_address", cart.details.billingAddress)
            $0.field("shipping_method", cart.details.shippingMethod)
            $0.field("coupon", cart.details.coupon)
            $0.field("email", cart.details.email)
            $0.field("note", cart.details.note)
            $0.field("order_id", cart.order)
            $0.field("created_at", cart.createdAt)
            $0.field("updated_at", cart.updatedAt)
        }
    }
}

extension CartItem: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("product_id", product)
            $0.field("quantity", quantity)
            $0.field("unit_price", unitPrice)
            $0.field("created_at", createdAt)
        }
    }
}

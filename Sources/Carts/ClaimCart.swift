import HTTP
import HTTPTypes
import Inventory
import Service
import Storage

/// Adds the lines of a guest's cart to the cart of the caller, and deletes the guest's cart.
///
/// Quantities are added, up to the stock if the caller may see it. The guest's addresses and
/// choices replace those of the caller's cart. The token is void afterwards.
///
/// The guest's cart is locked first. No request locks a guest's cart after a customer's, so
/// claims cannot deadlock.
///
/// - Throws: `Problem` 404 `cart_not_found`, 409 `cart_checked_out`, 422 `quota_exceeded`.
@Sendable func claimCart(_ call: Call, in tx: any Transaction) throws -> Response {
    guard let text = call.request.field(.cartToken),
        let guest = try cart(withToken: text, in: tx), let guestID = guest.id,
        guest.customer == nil
    else { throw cartNotFound }
    guard guest.order == nil else { throw cartCheckedOut }
    var own = try madeCart(of: call.caller.id, at: call.now, in: tx)
    guard let id = own.id else { throw cartNotFound }
    let added = try takeCartItems(of: guestID, in: tx)
    try tx.run("DELETE FROM carts WHERE id = \(guestID)")
    let present = try cartItems(of: id, in: tx)
    for item in try merge(added, into: present, call, in: tx) {
        try putCartItem(item, into: id, in: tx)
    }
    own.details = own.details.updated(by: guest.details)
    own.details.email = nil
    return .ok(try changedCart(own, id, call, in: tx))
}

/// Returns the lines of `present` that get units of `added`, and the new ones.
private func merge(
    _ added: [CartItem], into present: [CartItem], _ call: Call, in tx: any Transaction
) throws -> [CartItem] {
    let found = try products(added.map(\.product), in: tx, call.productContext)
    let stock = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.stock) })
    let showsStock = call.stockVisibility != .availability
    let known = Dictionary(uniqueKeysWithValues: present.map { ($0.product, $0) })
    return added.map { item in
        let own = known[item.product]
        // The price of the older line stays, so that a change since then is shown.
        var merged = own ?? item
        merged.quantity = mergedQuantity(
            item.quantity, own?.quantity ?? 0, stock: showsStock ? stock[item.product] : nil)
        return merged
    }
}

/// The quantity of a line that `guest` and `own` units are merged into.
///
/// At most the stock, but a product that is out of stock stays in the cart with the larger
/// quantity. A hidden stock, nil, does not limit the sum, because it would reveal the stock.
func mergedQuantity(_ guest: Int64, _ own: Int64, stock: Int64?) -> Int64 {
    let sum = min(guest + own, 1_000_000)
    guard let stock else { return sum }
    return stock == 0 ? max(guest, own) : min(sum, stock)
}

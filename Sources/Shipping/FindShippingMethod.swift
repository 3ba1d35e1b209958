public import Storage
public import Values

/// A shipping method as an order copies it.
public struct ChosenShippingMethod: Sendable {
    /// The row's id.
    public let id: Int64
    /// The method's name.
    public let name: String
    /// The price that the order pays, before tax unless prices include it.
    public var price: Money
    /// The class whose tax rate applies to the price.
    public let taxClass: String
    /// Whether the buyer may pay the carrier.
    public let allowsCashOnDelivery: Bool
}

/// Returns a method with its present price, if it applies to the order.
///
/// It locks nothing: the price is the one at the time of the read.
///
/// - Returns: nil if there is no such method, it is archived, or it does not apply.
public func findShippingMethod(_ id: Int64, for parcel: Parcel, in tx: any Transaction) throws
    -> ChosenShippingMethod?
{
    let method = try tx.first(
        ShippingMethod.self, "WHERE id = \(id) AND archived_at IS NULL")
    guard let method, method.details.applies(to: parcel) else { return nil }
    return ChosenShippingMethod(
        id: method.id, name: method.details.name,
        price: method.details.price(forSubtotal: parcel.subtotal),
        taxClass: method.details.taxClass, allowsCashOnDelivery: method.details.cashOnDelivery)
}

/// Whether the shop has a shipping method, for any order.
public func hasShippingMethods(in tx: any Transaction) throws -> Bool {
    try tx.first(anyShippingMethod) != nil
}

/// Announces that `hasShippingMethods` will be asked.
public func announceShippingMethods(in tx: any Transaction) {
    tx.announce(anyShippingMethod)
}

private let anyShippingMethod: SQL =
    "SELECT id FROM shipping_methods WHERE archived_at IS NULL AND id > 0 LIMIT 1"

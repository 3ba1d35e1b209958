import Customers
import HTTP
import Service
import Storage
import Values

/// The parameters of `GET /sales/shipping-methods`.
struct ShippingMethodFilter: Input {
    let parcel: Parcel

    init(_ fields: inout Fields) {
        parcel = Parcel(
            country: fields.optional("country", .country),
            weightGrams: fields.optional("weight", .weight),
            subtotal: fields.optional("subtotal", .subtotal))
    }
}

/// Lists the methods that apply to an order, with the price that it pays.
@Sendable func listShippingMethods(
    _ filter: ShippingMethodFilter, _ call: Call, in tx: any Transaction
) throws -> Response {
    let methods = try tx.all(
        ShippingMethod.self,
        "WHERE archived_at IS NULL ORDER BY id LIMIT \(shippingMethodsMax)")
    let offers = methods.filter { $0.details.applies(to: filter.parcel) }.map {
        ShippingOffer(method: $0, price: $0.details.price(forSubtotal: filter.parcel.subtotal))
    }
    return .ok(Listing(offers))
}

/// A method with the price that an order pays.
private struct ShippingOffer: JSONWritable {
    let method: ShippingMethod
    let price: Money

    func write(to json: inout JSONWriter) { method.write(price: price, to: &json) }
}

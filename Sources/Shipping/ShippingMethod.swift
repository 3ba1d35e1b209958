import HTTP
import Service
import Storage
public import Values

/// A way to send orders, with its price.
struct ShippingMethod: Sendable {
    let id: Int64
    var details: ShippingMethodDetails
    let createdAt: Instant
    var updatedAt: Instant

    /// The path, as the audit log names it.
    var path: String { "/sales/shipping-methods/\(id)" }
}

/// The fields of a shipping method that staff set.
struct ShippingMethodDetails: Editable, Input {
    var name = ""
    /// The countries that it sends to; empty for all.
    var countries = NameList([])
    var price = Money.zero
    /// The subtotal from which it is free.
    var freeFrom: Money?
    /// The lightest order in grams.
    var minWeightGrams: Int64?
    /// The heaviest order in grams.
    var maxWeightGrams: Int64?
    /// Whether the buyer may pay the carrier.
    var cashOnDelivery = false
    var taxClass = "standard"

    static let fields: [EditableField<ShippingMethodDetails>] = [
        .required("name", \.name, .line(1...120)),
        .standard("countries", \.countries, .countries),
        .required("price", \.price, .price),
        .optional("free_from", \.freeFrom, .subtotal),
        .optional("min_weight_g", \.minWeightGrams, .weight),
        .optional("max_weight_g", \.maxWeightGrams, .weight),
        .standard("cash_on_delivery", \.cashOnDelivery, .flag),
        .standard("tax_class", \.taxClass, .slug),
    ]

    /// Rejects a lightest order that is heavier than the heaviest.
    ///
    /// - Throws: `Problem` 422 `invalid_request`.
    func requireWeights() throws {
        guard let minWeightGrams, let maxWeightGrams, minWeightGrams > maxWeightGrams else {
            return
        }
        throw Problem.invalid([
            .init(field: "max_weight_g", message: "must not be below min_weight_g")
        ])
    }
}

extension ShippingMethodDetails {
    /// Whether it is for such an order; what is not known about the order does not count.
    func applies(to parcel: Parcel) -> Bool {
        if let country = parcel.country, !countries.names.isEmpty,
            !countries.names.contains(country)
        {
            return false
        }
        guard let weight = parcel.weightGrams else { return true }
        return weight >= minWeightGrams ?? 0 && weight <= maxWeightGrams ?? .max
    }

    /// The price for an order with this subtotal; nil is not known.
    func price(forSubtotal subtotal: Money?) -> Money {
        guard let freeFrom, let subtotal, subtotal >= freeFrom else { return price }
        return .zero
    }
}

/// What decides whether a shipping method applies to an order; nil is not known.
public struct Parcel: Sendable {
    let country: String?
    let weightGrams: Int64?
    let subtotal: Money?

    /// Describes an order; `country` is the code of the country that it is sent to.
    public init(country: String?, weightGrams: Int64?, subtotal: Money?) {
        self.country = country
        self.weightGrams = weightGrams
        self.subtotal = subtotal
    }
}

extension ShippingMethod: Record {
    static let columns: SQL = "id, \(ShippingMethodDetails.columns), created_at, updated_at"
    static let source: SQL = "shipping_methods"

    init(_ row: Row, _ context: Void) throws {
        id = try row["id"]
        details = ShippingMethodDetails(
            name: try row["name"], countries: try row["countries"], price: try row["price"],
            freeFrom: try row["free_from"], minWeightGrams: try row["min_weight_g"],
            maxWeightGrams: try row["max_weight_g"],
            cashOnDelivery: try row["cash_on_delivery"], taxClass: try row["tax_class"])
        createdAt = try row["created_at"]
        updatedAt = try row["updated_at"]
    }
}

extension ShippingMethod: JSONWritable {
    func write(to json: inout JSONWriter) { write(price: details.price, to: &json) }

    /// Writes the method with the price that an order pays.
    func write(price: Money, to json: inout JSONWriter) {
        json.object {
            $0.field("id", id)
            $0.field("name", details.name)
            $0.field("countries", details.countries)
            $0.field("price", price)
            $0.field("free_from", details.freeFrom)
            $0.field("min_weight_g", details.minWeightGrams)
            $0.field("max_weight_g", details.maxWeightGrams)
            $0.field("cash_on_delivery", details.cashOnDelivery)
            $0.field("tax_class", details.taxClass)
            $0.field("created_at", createdAt)
            $0.field("updated_at", updatedAt)
        }
    }
}

/// Returns a shipping method that is not archived, locked in a write.
///
/// - Throws: `Problem` 404 `shipping_method_not_found`.
func shippingMethod(_ id: Int64, in tx: any Transaction) throws -> ShippingMethod {
    let method = try tx.first(
        ShippingMethod.self,
        "WHERE id = \(id) AND archived_at IS NULL \(.alone("shipping_methods"))")
    guard let method else {
        throw Problem.notFound("shipping_method_not_found", "There is no such shipping method.")
    }
    return method
}

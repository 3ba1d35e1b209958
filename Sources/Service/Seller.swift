public import HTTP

/// The shop as invoices name it.
public struct Seller: Sendable, Equatable {
    /// The name of the business; empty if it is not set.
    public let name: String
    /// The lines of the postal address.
    public let address: [String]
    /// The VAT number or another tax number; empty if it is not set.
    public let taxID: String

    /// Creates a seller.
    public init(name: String = "", address: [String] = [], taxID: String = "") {
        self.name = name
        self.address = address
        self.taxID = taxID
    }
}

extension Seller: JSONWritable {
    /// Writes an object.
    public func write(to json: inout JSONWriter) {
        json.object {
            $0.field("name", name)
            $0.field("address", address)
            $0.field("tax_id", taxID)
        }
    }
}

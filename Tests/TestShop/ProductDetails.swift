public import Inventory
public import Values

extension ProductDetails {
    /// Details with the fields that tests need.
    public init(
        name: String, category: String, price: Money, sku: String? = nil,
        description: String? = nil, lowStock: Int64? = nil
    ) {
        self.init()
        self.name = name
        self.category = category
        self.price = price
        self.sku = sku
        self.description = description
        self.lowStock = lowStock
    }
}

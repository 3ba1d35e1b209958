import Testing

/// A route's handler has the name of its operation in openapi.yaml.
@Suite struct HandlerTests {
    @Test func handlersAreNamedLikeOperations() throws {
        let operations = Description(try Project.text("openapi.yaml")).operations
        let row = #/\.(get|post|put|patch|delete)\s*\("([^"]+)",.*?(\w+)(?:\(\w+\))?\),\n/#
        var count = 0
        for slice in [
            "Customers", "Inventory", "Shipping", "Taxes", "Sales", "Wishlist", "Webhooks",
            "Reviews", "Events",
            "Coupons", "GiftCards", "Payments", "Invoices", "Carts",
        ] {
            let table = try Project.text("Sources/\(slice)/Routes.swift")
            for match in table.matches(of: row) {
                let route = "\(match.output.1.uppercased()) \(match.output.2)"
                let operation = try #require(operations.first { $0.route == route }, "\(route)")
                #expect(String(match.output.3) == operation.id, "\(route)")
                count += 1
            }
        }
        #expect(
            count == operations.count - DescriptionTests.pages.count
                - DescriptionTests.operations.count,
            "\(count) of \(operations.count)")
    }
}

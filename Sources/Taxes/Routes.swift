public import Service

/// The routes of tax rates, which the sales responder serves.
// swift-format-ignore
public let routes: [Route] = [
    .get("/sales/tax-rates", .staff,                           listTaxRates),
    .put("/sales/tax-rates", .staff, body: NewTaxRates.self, replaceTaxRates),
]

public import Service

/// The routes of shipping methods, which the sales responder serves.
// swift-format-ignore
public let routes: [Route] = [
    .get   ("/sales/shipping-methods",     .anyone, query: ShippingMethodFilter.self,        listShippingMethods),
    .post  ("/sales/shipping-methods",     .staff,  body:  ShippingMethodDetails.self,       createShippingMethod),
    .get   ("/sales/shipping-methods/:id", .anyone,                                          getShippingMethod),
    .patch ("/sales/shipping-methods/:id", .staff,  body:  Edit<ShippingMethodDetails>.self, updateShippingMethod),
    .delete("/sales/shipping-methods/:id", .staff,                                           deleteShippingMethod),
]

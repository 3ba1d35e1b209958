public import Service

/// The routes of the inventory responder.
///
/// A table, so it is read by column.
// swift-format-ignore
public let routes: [Route] = [
    .get   ("/inventory",               .anyone, query: ProductFilter.self,        listProducts),
    .post  ("/inventory",               .staff,  body:  NewProduct.self,           createProduct),
    .get   ("/inventory/categories",    .anyone,                                   listCategories),
    .get   ("/inventory/low-stock",     .staff,  query: LowStockFilter.self,       listLowStockProducts),
    .get   ("/inventory/archived",      .staff,  query: ArchivedFilter.self,       listArchivedProducts),
    .get   ("/inventory/:id",           .anyone,                                   getProduct),
    .patch ("/inventory/:id",           .staff,  body:  Edit<ProductDetails>.self, updateProduct),
    .delete("/inventory/:id",           .staff,                                    archiveProduct),
    .post  ("/inventory/:id/restore",   .staff,                                    restoreProduct),
    .post  ("/inventory/:id/stock",     .staff,  body:  StockAdjustment.self,      adjustStock),
    .get   ("/inventory/:id/movements", .staff,  query: MovementFilter.self,       listStockMovements),
]

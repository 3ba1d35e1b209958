public import Service

/// What the inventory responder answers.
///
/// A table, so it is read by column.
// swift-format-ignore
public let routes: [Route] = [
    .get   ("/inventory",               .anyone, listProducts),
    .post  ("/inventory",               .staff,  createProduct),
    .get   ("/inventory/categories",    .anyone, listCategories),
    .get   ("/inventory/low-stock",     .staff,  listLowStock),
    .get   ("/inventory/archived",      .staff,  listArchivedProducts),
    .get   ("/inventory/:id",           .anyone, showProduct),
    .patch ("/inventory/:id",           .staff,  updateProduct),
    .delete("/inventory/:id",           .staff,  archiveProduct),
    .post  ("/inventory/:id/restore",   .staff,  restoreProduct),
    .post  ("/inventory/:id/stock",     .staff,  adjustStock),
    .get   ("/inventory/:id/movements", .staff,  listMovements),
]

public import Service

/// The routes of coupons, which the sales responder serves.
// swift-format-ignore
public let routes: [Route] = [
    .get   ("/sales/coupons",             .staff,  query: CouponFilter.self, listCoupons),
    .post  ("/sales/coupons",             .staff,  body:  NewCoupon.self,    createCoupon),
    .get   ("/sales/coupons/:code",       .staff,                            getCoupon),
    .patch ("/sales/coupons/:code",       .staff,  body:  CouponChange.self, updateCoupon),
    .delete("/sales/coupons/:code",       .staff,                            deleteCoupon),
    .get   ("/sales/coupons/:code/check", .anyone, query: CouponQuery.self,  outside: checkCoupon),
]

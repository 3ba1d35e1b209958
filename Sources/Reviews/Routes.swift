public import Service

/// What the reviews responder answers.
///
/// A table, so it is read by column.
// swift-format-ignore
public let routes: [Route] = [
    .post("/reviews",             .customer,  writeReview),
    .get ("/reviews",             .anyone,    listReviews),
    .get ("/reviews/:id",         .anyone,    showReview),
    .post("/reviews/:id/approve", .moderator, approveReview),
    .post("/reviews/:id/reject",  .moderator, rejectReview),
]

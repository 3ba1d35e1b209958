public import Service

/// What the reviews responder answers.
///
/// A table, so it is read by column.
// swift-format-ignore
public let routes: [Route] = [
    .post  ("/reviews",             .customer,  writeReview),
    .get   ("/reviews",             .anyone,    listReviews),
    .get   ("/reviews/summary",     .anyone,    summarizeReviews),
    .get   ("/reviews/:id",         .anyone,    showReview),
    .patch ("/reviews/:id",         .customer,  reviseReview),
    .delete("/reviews/:id",         .customer,  deleteReview),
    .post  ("/reviews/:id/approve", .moderator, approveReview),
    .post  ("/reviews/:id/reject",  .moderator, rejectReview),
    .post  ("/reviews/:id/flag",    .customer,  flagReview),
    .get   ("/reviews/:id/flags",   .moderator, listFlags),
    .put   ("/reviews/:id/vote",    .customer,  voteReview),
    .delete("/reviews/:id/vote",    .customer,  unvoteReview),
    .put   ("/reviews/:id/reply",   .staff,     replyToReview),
    .delete("/reviews/:id/reply",   .staff,     removeReply),
]

public import Service

/// The routes of the reviews responder.
///
/// A table, so it is read by column.
// swift-format-ignore
public let routes: [Route] = [
    .post  ("/reviews",             .customer,  body:  NewReview.self,       createReview),
    .get   ("/reviews",             .anyone,    query: ReviewFilter.self,    listReviews),
    .get   ("/reviews/summary",     .anyone,    query: SummaryQuery.self,    getReviewSummary),
    .get   ("/reviews/:id",         .anyone,                                 getReview),
    .patch ("/reviews/:id",         .customer,  body:  Edit<Opinion>.self,   updateReview),
    .delete("/reviews/:id",         .customer,                               deleteReview),
    .post  ("/reviews/:id/approve", .moderator,                              approveReview),
    .post  ("/reviews/:id/reject",  .moderator, body:  Rejection.self,       rejectReview),
    .post  ("/reviews/:id/flag",    .customer,  body:  Flag.self,            flagReview),
    .get   ("/reviews/:id/flags",   .moderator, query: FlagFilter.self,      listReviewFlags),
    .put   ("/reviews/:id/vote",    .customer,                               addHelpfulVote),
    .delete("/reviews/:id/vote",    .customer,                               removeHelpfulVote),
    .put   ("/reviews/:id/reply",   .staff,     body:  Reply.self,           setReviewReply),
    .delete("/reviews/:id/reply",   .staff,                                  removeReviewReply),
]

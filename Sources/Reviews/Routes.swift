public import Service

/// The routes of the reviews responder.
///
/// A table, so it is read by column.
// swift-format-ignore
public let routes: [Route] = [
    .post  ("/reviews",             .customer,  body:  NewReview.self,    writeReview),
    .get   ("/reviews",             .anyone,    query: ReviewFilter.self, listReviews),
    .get   ("/reviews/summary",     .anyone,    query: SummaryQuery.self,    summarizeReviews),
    .get   ("/reviews/:id",         .anyone,                              showReview),
    .patch ("/reviews/:id",         .customer,  body:  Edit<Opinion>.self,     reviseReview),
    .delete("/reviews/:id",         .customer,                            deleteReview),
    .post  ("/reviews/:id/approve", .moderator,                           approveReview),
    .post  ("/reviews/:id/reject",  .moderator, body:  Rejection.self,    rejectReview),
    .post  ("/reviews/:id/flag",    .customer,  body:  Flag.self,         flagReview),
    .get   ("/reviews/:id/flags",   .moderator, query: FlagFilter.self,   listFlags),
    .put   ("/reviews/:id/vote",    .customer,                            addVote),
    .delete("/reviews/:id/vote",    .customer,                            removeVote),
    .put   ("/reviews/:id/reply",   .staff,     body:  Reply.self,        replyToReview),
    .delete("/reviews/:id/reply",   .staff,                               removeReply),
]

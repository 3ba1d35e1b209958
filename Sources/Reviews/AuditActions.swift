import Customers

extension AuditAction {
    static let approvedReview = AuditAction(rawValue: "approved_review")
    static let rejectedReview = AuditAction(rawValue: "rejected_review")
    static let deletedReview = AuditAction(rawValue: "deleted_review")
    static let repliedToReview = AuditAction(rawValue: "replied_to_review")
    static let removedReply = AuditAction(rawValue: "removed_reply")
}

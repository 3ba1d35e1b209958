import Customers

extension AuditAction {
    /// By the operator.
    static let endedInvoiceSeries = AuditAction(rawValue: "ended_invoice_series")
}

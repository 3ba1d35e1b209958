import Customers

extension AuditAction {
    static let changedTaxRates = AuditAction(rawValue: "changed_tax_rates")
}

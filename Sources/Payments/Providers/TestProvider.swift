import HTTP
import Values

/// A provider that takes no money: every payment succeeds at once.
///
/// For demos and tests.
public enum TestProvider {
    static let name = "test"

    /// The provider.
    public static let provider = PaymentProvider(
        name: name, pageSecondsMin: nil,
        start: { payment, _ in
            let paid = ProviderEvent(
                id: "paid_\(payment.ref)", type: "test.paid",
                change: .captured(payment.amount, currency: payment.currency), ref: payment.ref)
            return .success(
                StartedPayment(
                    url: payment.returnURL ?? "", id: "test_\(payment.ref)", events: [paid]))
        },
        refund: { _, refund, _ in .success(MadeRefund(id: "test_\(refund.ref)")) },
        findRefund: { _, _, _ in .success(nil) },
        readEvent: { _ in nil })
}

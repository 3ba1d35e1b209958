import Customers
import HTTP
import Service
import Storage
import Values

/// The body of `POST /customers/{username}/wallet/topups`.
struct NewTopUp: Input {
    let amount: Money
    let returnURL: String

    init(_ fields: inout Fields) {
        amount = fields.required("amount", .money(1...100_000_000_000))
        returnURL = fields.required("return_url", .returnURL)
    }
}

/// The time in seconds in which a top-up can be paid.
///
/// Stripe accepts 30 minutes to 24 hours after the start, which may be later than the request.
private let topUpSeconds: Int64 = 3600

/// Creates a payment into the caller's wallet, by card or with the provider for tests.
///
/// - Throws: `Problem` 409 `payment_method_not_allowed` if the shop offers neither, or a card cannot
///   pay the amount.
@Sendable func createTopUp(_ new: NewTopUp, _ call: Call, in tx: any Transaction) throws -> Response
{
    let customer = try ownAccount(of: call, in: tx)
    guard let method = [PaymentMethod.card, .test].first(where: call.shop.payments.accepts) else {
        throw Problem.conflict(
            "payment_method_not_allowed", "The shop takes no card payments. Ask its staff.")
    }
    let payment = try createPayment(
        NewPayment(
            of: customer, for: nil, by: method, amount: new.amount, returnURL: new.returnURL,
            expiresAt: call.now.adding(seconds: topUpSeconds)), call, in: tx)
    return .created(payment, at: payment.path)
}

import Foundation
import HTTP
import HTTPTypes
import ShopFixture
import TestShop
import Testing

@testable import Payments

/// Stripe's own library signs the messages.
@Suite struct StripeLibraryTests {
    private static let python = Programs.tool("stripe", "python3")

    @Test(.enabled(if: python != nil, "the library of Stripe is not installed (make deps)"))
    func messagesOfTheLibraryAreAccepted() throws {
        let python = try #require(StripeLibraryTests.python)
        let till = try Till()
        let seconds = till.shop.clock.now.milliseconds / 1000
        let script = """
            import sys, stripe
            time, secret, payload = int(sys.argv[1]), sys.argv[2], sys.argv[3]
            sign = stripe.WebhookSignature._compute_signature
            code = sign(f"{time}.{payload}", secret)
            header = f"t={time},v1={code},v0={'0' * 64}"
            assert stripe.WebhookSignature.verify_header(payload, header, secret)
            print(header, end="")
            """
        for (secret, isGood) in [("whsec_test_secret", true), ("whsec_other_secret", false)] {
            let payload =
                #"{"id":"evt_1","type":"ping","livemode":false,"data":{"object":"Zoë 🖋"}}"#
            let outcome = try run(python, ["-c", script, "\(seconds)", secret, payload])
            #expect(outcome.code == 0, "\(outcome.errors)")
            var request = Request(
                method: .post, path: "/sales/payments/stripe", body: Array(payload.utf8))
            request.fields[.stripeSignature] = outcome.output
            #expect(till.shop.send(request).status == (isGood ? .ok : .badRequest))
        }
    }
}

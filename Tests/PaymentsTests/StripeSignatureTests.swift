import HTTP
import HTTPTypes
import Service
import Storage
import TestShop
import Testing
import Values

@testable import Payments

/// Who may report money: the holder of a secret, within 300 seconds.
@Suite struct StripeSignatureTests {
    private static let time: Int64 = 1_795_859_311
    private static let code = "9907a0b88e646de041477b430833514b344f9c0ed4b2407fc34be6ce8ca4a802"
    private static let vector = "t=\(time),v1=\(code)"
    private static let body = Array(#"{"id":"evt_1"}"#.utf8)
    private static let zeros = String(repeating: "0", count: 64)

    private func accepts(
        _ field: String, _ secrets: [String] = ["whsec_test_secret"],
        _ body: [UInt8] = StripeSignatureTests.body, after seconds: Int64 = 0
    ) -> Bool {
        let now = Instant(milliseconds: (StripeSignatureTests.time + seconds) * 1000)
        return StripeSignature(field)?.isValid(for: body, secrets, at: now) ?? false
    }

    @Test func acceptsTheTestVector() {
        #expect(accepts(Self.vector))
        #expect(accepts("v0=x,v1=\(Self.zeros),v1=\(Self.code),t=\(Self.time),new=1"))
        #expect(accepts(Self.vector, ["whsec_former", "whsec_test_secret"]))
        #expect(accepts(Self.vector, after: 300))
        #expect(accepts(Self.vector, after: -300))
    }

    @Test func rejectsEverythingElse() {
        #expect(!accepts(Self.vector, ["whsec_test_secreT"]))
        #expect(!accepts(Self.vector, []))
        #expect(!accepts(Self.vector, after: 301))
        #expect(!accepts(Self.vector, after: -301))
        #expect(!accepts(Self.vector, ["whsec_test_secret"], Self.body + [0x20]))
        #expect(!accepts("t=\(Self.time + 1),v1=\(Self.code)"))
        for field in [
            "", "t=", "v1=\(Self.code)", "t=\(Self.time)", "t=\(Self.time),v0=\(Self.code)",
            "t=\(Self.time),v1=\(Self.code.dropLast())", "t=\(Self.time),v1=\(Self.code)00",
            "t=0\(Self.time),v1=\(Self.code)", "t=+\(Self.time),v1=\(Self.code)",
            "t=9223372036854775807,v1=\(Self.code)", "t=-9223372036854775808,v1=\(Self.code)",
            "t=1,t=\(Self.time),v1=\(Self.code)", "\(Self.vector),", "\(Self.vector),x",
            "t=\(Self.time);v1=\(Self.code)", " \(Self.vector)",
            Self.vector + String(repeating: ",v1=\(Self.zeros)", count: 61),
        ] where field != "\(Self.vector)," {
            #expect(!accepts(field), "\(field)")
        }
    }

    /// The field has room for a thousand codes, and a body for 128 KiB.
    @Test func manyCodesCostNoMoreThanOne() {
        let body = [UInt8](repeating: 0x20, count: Request.bodyBytesMax)
        func cost(_ codes: [String]) -> Int64 {
            let field = (["t=\(Self.time)"] + codes.map { "v1=\($0)" }).joined(separator: ",")
            let times = (1...3).map { _ in
                cpuUs { #expect(!accepts(field, ["whsec_test_secret"], body)) }
            }
            return times.min() ?? 0
        }
        let (one, many) = (cost([Self.zeros]), cost((1...900).map { _ in "" }))
        #expect(many < 10 * one + 1000, "\(many) µs, \(one) µs with one code")
    }

    /// The signature is verified before the message is read, and its sender learns nothing.
    @Test func theRouteVerifiesBeforeItReads() throws {
        let shop = try TestShop()
        shop.clock.pass(seconds: Self.time - shop.clock.now.milliseconds / 1000)
        let refused = StripeMessageCounts.refused
        func send(_ field: String?, _ body: String) throws -> String {
            var request = Request(
                method: .post, path: "/sales/payments/stripe", query: "dry_run=what&x",
                fields: [.authorization: "Bearer nonsense"], body: Array(body.utf8))
            if let name = HTTPField.Name("Idempotency-Key") { request.fields[name] = "ä" }
            if let field { request.fields[.stripeSignature] = field }
            let json = try shop.send(request).json
            return try #require((json["code"] ?? json["result"])?.text)
        }
        #expect(try send(nil, #"{"id":"evt_1"}"#) == "signature_invalid")
        #expect(try send("t=1", "not JSON") == "signature_invalid")
        #expect(try send(Self.vector, #"{"id":"evt_2"}"#) == "signature_invalid")
        #expect(StripeMessageCounts.refused >= refused + 3)
        // The bytes are signed, and are no message of this mode.
        #expect(try send(Self.vector, #"{"id":"evt_1"}"#) == "ignored")
        let seconds = Self.time
        let text = "not JSON"
        let signed = stripeSignature(
            of: Array(text.utf8), by: "whsec_test_secret", at: seconds)
        #expect(try send(signed, text) == "invalid_event")
        #expect(try shop.value("SELECT COUNT(*) AS value FROM payment_events") as Int64 == 0)
    }

    @Test func aShopWithoutStripeHasNoWebhook() throws {
        let shop = try TestShop(payments: PaymentOptions())
        let response = shop.send(Request(method: .post, path: "/sales/payments/stripe"))
        #expect(response.status == .notFound)
    }
}

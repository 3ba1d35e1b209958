import Foundation
import ShopFixture
import Testing

@testable import Launch

/// The files with the key and the signing secrets of Stripe.
@Suite struct StripeSettingsTests {
    /// The dashboard shows the id of an endpoint (`we_…`) beside its secret.
    @Test(
        arguments: [
            ("whsec_0123456789abcdef", true),
            ("whsec_0123456789abcdef\n whsec_fedcba9876543210 \n", true),
            ("we_1NfXyz2eZvKYlo2C0123456", false),
            ("whsec_0123456789abcdef\nsk_test_0123456789abcdef", false),
            ("whsec_", false), ("\n", false),
        ])
    func aSigningSecretBeginsWithWhsec(text: String, isGood: Bool) throws {
        let folder = try Folder()
        var stripe = StripeSettings()
        (stripe.keyFile, stripe.webhookSecretFile) = (folder.file("key"), folder.file("secret"))
        try Data("sk_test_0123456789abcdef".utf8).write(to: URL(filePath: stripe.keyFile))
        try Data(text.utf8).write(to: URL(filePath: stripe.webhookSecretFile))
        if isGood {
            #expect(try stripe.options() != nil)
        } else {
            #expect(throws: SettingsError.self) { try stripe.options() }
        }
    }
}

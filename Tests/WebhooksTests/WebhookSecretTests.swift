import Foundation
import HTTP
import HTTPTypes
import Service
import Storage
import TestShop
import Testing

@testable import Webhooks

/// The secrets of webhooks: shown once, encrypted, rotated.
@Suite struct WebhookSecretTests {
    @Test func showsASecretOnce() throws {
        let shop = try TestShop()
        let key = HTTPFields.key("k")
        let create = Scenario.Step(
            .post, "/webhooks", as: "adil", #"{"url":"https://a.example","types":["*"]}"#,
            fields: key)
        let first = try secret(in: create.succeeds(in: shop))
        // Only a retry with the same key gets it again.
        let second = try create.succeeds(in: shop)
        #expect(second.isReplay)
        #expect(try secret(in: second) == first)
        let rotation = Scenario.Step(
            .post, "/webhooks/1/rotate-secret", as: "adil", fields: HTTPFields.key("r"))
        let third = try secret(in: rotation.succeeds(in: shop))
        #expect(third != first)
        #expect(try secret(in: rotation.succeeds(in: shop)) == third)
        for target in ["/webhooks", "/webhooks/1", "/webhooks/1/deliveries"] {
            let text = try shop.send(.get, target, as: "adil").text
            #expect(!text.contains("whsec_") && !text.contains("secret\""), "\(text)")
        }
        let bytes = try #require(Data(base64Encoded: String(first.dropFirst(6))))
        #expect(bytes.count == 32 && first.hasPrefix("whsec_"))
        // Nothing in the database contains the secret.
        let all = try shop.contents().values.joined().joined()
        for text in [String(first.dropFirst(6)), bytes.map { String($0) }.joined()] {
            #expect(!all.contains(text))
        }
    }

    private func secret(in response: Response) throws -> String {
        try #require(try response.json["secret"]?.text)
    }

    @Test func aDryRunOfARotationChangesNothing() throws {
        let office = try PostOffice()
        let secret = try office.createWebhook(types: "*").secret
        let dry = try office.shop.send(
            .post, "/webhooks/1/rotate-secret?dry_run=true", as: "adil")
        #expect(try dry.json["secret"] == .null)
        try office.test()
        #expect(try office.receivedSignatures() == office.signatures(by: [secret]))
    }

    @Test func aDryRunOfACreationHasNoSecret() throws {
        let shop = try TestShop()
        let dry = try shop.send(
            .post, "/webhooks?dry_run=true", as: "adil",
            #"{"url":"https://a.example","types":["*"]}"#)
        #expect(dry.status == .created)
        #expect(try dry.json["secret"] == .null)
    }

    /// The test vector of the Standard Webhooks specification.
    @Test func signsAsTheSpecificationSays() throws {
        let text = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let secret = WebhookSecret(bytes: Array(try #require(Data(base64Encoded: text))))
        #expect(secret.text == "whsec_\(text)")
        let header = signature(
            of: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330,
            Array(#"{"test": 2432232314}"#.utf8), by: [secret])
        #expect(header == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func bothSecretsSignForADay() throws {
        let office = try PostOffice()
        let first = try office.createWebhook(types: "*").secret
        let rotated = try office.shop.send(.post, "/webhooks/1/rotate-secret", as: "adil")
        let second = try #require(rotated.json["secret"]?.text)
        for seconds in [0, 86_399] {
            office.shop.clock.pass(seconds: Int64(seconds))
            try office.test()
            #expect(
                try office.receivedSignatures() == office.signatures(by: [second, first]))
        }
        office.shop.clock.pass(seconds: 1)
        try office.test()
        #expect(try office.receivedSignatures() == office.signatures(by: [second]))
    }

    /// A second rotation would end the first secret too early.
    @Test func aSecondRotationWaitsForADay() throws {
        let office = try PostOffice()
        let first = try office.createWebhook(types: "*").secret
        let rotate = Scenario.Step(.post, "/webhooks/1/rotate-secret", as: "adil")
        let second = try secret(in: rotate.succeeds(in: office.shop))
        office.shop.clock.pass(seconds: 86_399)
        office.shop.forgetTokens()
        let refused = try office.shop.send(rotate)
        #expect(refused.status == .conflict)
        #expect(try refused.json["code"] == "secret_rotated")
        try office.test()
        #expect(try office.receivedSignatures() == office.signatures(by: [second, first]))
        office.shop.clock.pass(seconds: 1)
        office.shop.forgetTokens()
        let third = try secret(in: rotate.succeeds(in: office.shop))
        try office.test()
        #expect(try office.receivedSignatures() == office.signatures(by: [third, second]))
    }

    /// A secret that a former key encrypted is encrypted with the current one when it is used.
    @Test func surviveAKeyRotation() throws {
        let office = try PostOffice()
        let secret = try office.createWebhook(types: "*").secret
        let keys = (TestShop.secret, Array("the next key of the tests, not of a shop".utf8))
        for keys in [[keys.1, keys.0], [keys.1]] {
            try office.test(with: office.deliverer(keys: keys))
            #expect(try office.receivedSignatures() == office.signatures(by: [secret]))
        }
        // The shop itself has only the former key, which does not decrypt any more.
        try office.test()
        #expect(office.requests.count == 2)
        let attempt = try office.deliveries()[0]["attempts"]?[0]
        #expect(attempt?["error"] == "secret_unreadable" && attempt?["status"] == .null)
        // A rotation makes a secret that it can use.
        _ = try office.shop.send(.post, "/webhooks/1/rotate-secret", as: "adil")
        _ = try office.shop.send(.post, "/webhooks/1/deliveries/3/retry", as: "adil")
        try office.deliver()
        #expect(office.requests.count == 3)
    }

    @Test func anIdleWebhookSurvivesAKeyRotation() throws {
        let office = try PostOffice()
        let secret = try office.createWebhook(types: "*").secret
        _ = try office.shop.send(.post, "/webhooks/1/rotate-secret", as: "adil")
        let next = Array("the next key of the tests, not of a shop".utf8)
        let both = PostOffice.shop(keys: [next, TestShop.secret])
        let now = office.shop.clock.now
        try office.shop.store.write { try resealSecrets(of: both, at: now, in: $0) }
        let rotated = try office.webhook()
        try office.test(with: office.deliverer(keys: [next]))
        #expect(try office.receivedSignatures().last == office.signatures(by: [secret])[0])
        // The resource is the same.
        #expect(try office.webhook() == rotated)
    }
}

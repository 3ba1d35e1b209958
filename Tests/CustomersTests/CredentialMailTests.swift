import Customers
import Storage
import TestShop
import Testing

/// Messages about changes of what gives access to an account.
@Suite struct CredentialMailTests {
    @Test func changesSendAMessage() throws {
        let shop = try TestShop()
        try shop.store.write { tx in
            _ = try tx.run(
                """
                UPDATE customers SET email = 'ada@example.com', email_key = 'ada@example.com',
                    email_verified_at = 1
                WHERE username = 'ada'
                """)
        }
        func count() throws -> Int64 {
            try shop.value(
                """
                SELECT COUNT(*) AS value FROM jobs
                WHERE kind = 'mail' AND payload LIKE '%credentials-changed%ada@example.com%'
                """)
        }
        _ = try shop.enroll("ada")
        #expect(try count() == 1)
        try Scenario.Step(
            .post, "/customers/ada/api-keys", as: "ada",
            #"{"name":"till","scopes":["read:sales"]}"#
        ).succeeds(in: shop)
        #expect(try count() == 2)
        try resetTotp(of: "ada", at: shop.clock.now, on: shop.store)
        #expect(try count() == 3)
    }
}

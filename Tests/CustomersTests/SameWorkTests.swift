import HTTP
import Storage
import TestShop
import Testing

/// Requests whose answer must not reveal an account run the same statements for every name.
///
/// `GuessingTests` measures the time, in which the password hash is nearly all of a login.
@Suite struct SameWorkTests {
    /// The accounts ada, with a verified address, ben, suspended, mona, erased, and sami; a guest.
    private func furnish(_ record: StatementRecord) throws -> (shop: TestShop, guest: String) {
        let shop = try TestShop(record: record)
        try shop.store.write { tx in
            try tx.run(
                """
                UPDATE customers SET email = 'ada@example.com', email_key = 'ada@example.com',
                    email_verified_at = 1
                WHERE username = 'ada'
                """)
            try tx.run(
                """
                UPDATE customers SET email = 'sami@example.com', email_key = 'sami@example.com'
                WHERE username = 'sami'
                """)
        }
        try Scenario.Step(.put, "/customers/ben/status", as: "adil", #"{"status":"suspended"}"#)
            .succeeds(in: shop)
        try Scenario.Step(.delete, "/customers/mona", as: "adil").succeeds(in: shop)
        try Scenario.Step(
            .post, "/sales",
            #"""
            {"items":[{"product_id":1,"quantity":1}],"email":"gail@example.com",\#
            "payment":{"method":"bank_transfer"}}
            """#
        ).succeeds(in: shop)
        let guest: String = try shop.value(
            "SELECT username AS value FROM customers WHERE guest_email IS NOT NULL")
        return (shop, guest)
    }

    /// The status of an answer, and the statements that made it.
    private struct Work: Equatable {
        let status: Int
        let statements: [String]
    }

    private func observe(
        _ record: StatementRecord, _ send: () throws -> Response
    ) throws -> Work {
        let before = record.templates.count
        let status = try send().status.code
        return Work(status: status, statements: Array(record.templates.dropFirst(before)))
    }

    private func expectSame(
        _ works: [(name: String, work: Work)], at location: SourceLocation = #_sourceLocation
    ) {
        for (name, work) in works {
            #expect(!work.statements.isEmpty, sourceLocation: location)
            #expect(work == works[0].work, "\(name)", sourceLocation: location)
        }
    }

    /// From the first wrong password to the lock, and in it.
    @Test func failedLogins() throws {
        let record = StatementRecord()
        let (shop, guest) = try furnish(record)
        for _ in 1...7 {
            expectSame(
                try ["ada", "nobody", "ben", "mona", "erased~3", guest, "no name at all"].map {
                    name in
                    (name, try observe(record) { try shop.login(name, "wrong horse") })
                })
        }
        #expect(try shop.login("nobody", "wrong horse").status == .tooManyRequests)
    }

    @Test func passwordResets() throws {
        let record = StatementRecord()
        let (shop, guest) = try furnish(record)
        for _ in 1...5 {
            let bodies =
                ["ada", "nobody", "ben", "sami", "mona", guest].map { #"{"username":"\#($0)"}"# }
                + ["ada", "nobody", "sami", "gail"].map { #"{"email":"\#($0)@example.com"}"# }
            expectSame(
                try bodies.map { body in
                    let work = try observe(record) {
                        try shop.send(.post, "/customers/password-resets", body)
                    }
                    #expect(work.status == 202)
                    return (body, work)
                })
        }
    }

    /// A customer asks for the message of another account.
    @Test func verifications() throws {
        let record = StatementRecord()
        let (shop, guest) = try furnish(record)
        _ = try shop.token(of: "ada")
        expectSame(
            try ["sami", "nobody", "ben", guest].map { name in
                let work = try observe(record) {
                    try shop.send(.post, "/customers/\(name)/email-verification", as: "ada")
                }
                #expect(work.status == 404)
                return (name, work)
            })
    }
}

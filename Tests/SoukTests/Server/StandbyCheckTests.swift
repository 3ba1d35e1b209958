import Foundation
import PostgresFixture
import ShopFixture
import Testing

extension SoukTests {
    /// `souk check` on a streaming standby of PostgreSQL.
    @Suite struct StandbyCheckTests {
        private static let primary = Result { try TestServer() }
        private static let standby = Result { try TestServer(following: primary.get()) }

        private struct Finding: Decodable {
            let invariant: String
            let holds: Bool?
            let breaches: [String]
            let skipped: String?
        }

        /// A shop on the primary, which the standby has too.
        private func seeded(_ name: String) throws -> (primary: Operator, standby: Operator) {
            let (primary, standby) = (try Self.primary.get(), try Self.standby.get())
            try primary.execute("CREATE DATABASE \(name)")
            var first = try Operator()
            first.environment["SOUK_DATABASE"] = primary.url(name)
            try first.souk("migrate").expect(0)
            try first.souk("seed", "--products", "3", "--customers", "2", "--orders", "5").expect(0)
            try standby.catchUp(with: primary)
            var second = try Operator()
            second.environment["SOUK_DATABASE"] = standby.url(name)
            return (first, second)
        }

        @Test func checksEverythingButTheTables() throws {
            let (primary, standby) = try seeded("sound")
            let all = try primary.souk("check").expect(0, errors: "").output
            let some = try standby.souk("check").expect(0, errors: "").output
            let sentence = CheckTests.schemaSentence
            #expect(
                some
                    == all.replacing(
                        "ok     \(sentence)\n",
                        with: """
                            skip   \(sentence)
                                   A standby cannot create tables to compare with. \
                            Run `souk check` on the primary.

                            """))
            let json = try standby.souk("check", "--json").expect(0, errors: "").output
            let findings = try JSONDecoder().decode([Finding].self, from: Data(json.utf8))
            for finding in findings {
                let isSkipped = finding.invariant == sentence
                #expect(finding.holds == (isSkipped ? nil : true) && finding.breaches == [])
                #expect((finding.skipped != nil) == isSkipped)
            }
            #expect(findings.count { $0.holds == nil } == 1)
        }

        @Test func findsAFaultOfThePrimary() throws {
            let (_, standby) = try seeded("broken")
            let primary = try Self.primary.get()
            try primary.execute("UPDATE products SET stock = stock + 1 WHERE id = 2", in: "broken")
            try Self.standby.get().catchUp(with: primary)
            let outcome = try standby.souk("check").expect(2, errors: "")
            #expect(
                outcome.output.contains(
                    "BROKEN A product's stock is the sum of its movements.\n       product 2 has"))
        }
    }
}

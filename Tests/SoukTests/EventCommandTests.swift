import Glibc
import ShopFixture
import Testing

extension SoukTests {
    /// `souk events`.
    @Suite struct EventCommandTests {
        @Test func printsEventsAsJSONLines() throws {
            let shop = try Operator.migrated()
            try shop.souk("user", "add", "ada", "--role", "staff", input: "a good password\n")
                .expect(0)
            try shop.souk("user", "suspend", "ada").expect(0)
            let all = try shop.souk("events").expect(0, errors: "").output
            let lines = all.split(whereSeparator: \.isNewline)
            #expect(lines.count == 2)
            #expect(lines[0].hasPrefix(#"{"id":"1","type":"customer.created","#))
            #expect(
                lines[1].contains(
                    #""type":"customer.updated","subject":"/customers/ada","actor":null"#))
            try shop.souk("events", "--after", "1").expect(0, output: "\(lines[1])\n")
            try shop.souk("events", "--type", "order.*").expect(0, output: "")
            try shop.souk("events", "--after", "2").expect(0, output: "")
            try shop.souk("events", "--type", "order").expect(64)
        }

        /// It prints events that are made while it runs, until a signal ends it.
        @Test func followsTheFeed() throws {
            let shop = try Operator.migrated()
            try shop.souk("user", "add", "ada", input: "a good password\n").expect(0)
            var streams = Child.Streams()
            streams.output = shop.folder.file("printed")
            let follower = try Child(
                Programs.souk, ["events", "--follow", "--type", "customer.*"],
                environment: shop.environment, streams)
            defer { follower.signal(SIGKILL) }
            func lines() throws -> [Substring] {
                try shop.folder.text(of: "printed").split(whereSeparator: \.isNewline)
            }
            #expect(try eventually(within: 20) { try lines().count == 1 })
            for (number, change) in ["suspend", "activate"].enumerated() {
                try shop.souk("user", change, "ada").expect(0)
                #expect(try eventually(within: 20) { try lines().count == number + 2 })
            }
            #expect(
                try lines().map { String($0.prefix(10)) } == (1...3).map { #"{"id":"\#($0)","# })
            follower.signal(SIGTERM)
            #expect(eventually(within: 20) { follower.exitCode == 128 + SIGTERM })
        }

        /// The events of other types are more than one transaction numbers.
        @Test func findsATypeAfterManyEventsOfOthers() throws {
            let shop = try Operator.migrated()
            try shop.souk("user", "add", "ada", input: "a good password\n").expect(0)
            try shop.sql(
                """
                WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 600)
                INSERT INTO outbox (type, subject, created_at)
                SELECT 'stock.back', '/inventory/' || n, 0 FROM numbers;
                """)
            try shop.souk("user", "suspend", "ada").expect(0)
            let found = try shop.souk("events", "--type", "customer.updated").expect(0).output
            #expect(found.split(whereSeparator: \.isNewline).count == 1)
        }
    }
}

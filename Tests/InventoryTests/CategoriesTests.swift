import HTTP
import TestShop
import Testing

@Suite struct CategoriesTests {
    static let target = "/inventory/categories"

    static func create(_ category: String, query: String = "") -> Scenario.Step {
        .init(
            .post, "/inventory\(query)", as: "sami",
            #"{"name":"p","category":"\#(category)","price":1}"#)
    }

    static func move(_ category: String, query: String = "") -> Scenario.Step {
        .init(.patch, "/inventory/1\(query)", as: "sami", #"{"category":"\#(category)"}"#)
    }

    static let archive = Scenario.Step(.delete, "/inventory/1", as: "sami")
    static let dryArchive = Scenario.Step(.delete, "/inventory/1?dry_run=true", as: "sami")

    static let rows: [(name: String, before: [Scenario.Step], list: String)] = [
        ("as it opens", [], #"{"category":"light","count":1},{"category":"paper","count":1}"#),
        (
            "one more", [create("paper")],
            #"{"category":"light","count":1},{"category":"paper","count":2}"#
        ),
        (
            "a new one, by its name", [create("a"), create("z"), create("1-")],
            #"""
            {"category":"1-","count":1},{"category":"a","count":1},{"category":"light",\#
            "count":1},{"category":"paper","count":1},{"category":"z","count":1}
            """#
        ),
        ("one that moves", [move("light")], #"{"category":"light","count":2}"#),
        (
            "one that moves to a new one", [move("ink")],
            #"{"category":"ink","count":1},{"category":"light","count":1}"#
        ),
        (
            "one that moves to its own", [move("paper")],
            #"{"category":"light","count":1},{"category":"paper","count":1}"#
        ),
        (
            "one that moves and comes back", [move("light"), move("paper")],
            #"{"category":"light","count":1},{"category":"paper","count":1}"#
        ),
        ("one that is archived", [archive], #"{"category":"light","count":1}"#),
        (
            "one after the last was archived", [archive, create("paper")],
            #"{"category":"light","count":1},{"category":"paper","count":1}"#
        ),
        (
            "one that changes otherwise",
            [.init(.patch, "/inventory/1", as: "sami", #"{"price":1}"#)],
            #"{"category":"light","count":1},{"category":"paper","count":1}"#
        ),
        (
            "one that is sold out", [soldOut],
            #"{"category":"light","count":1},{"category":"paper","count":1}"#
        ),
        (
            "dry runs",
            [
                create("paper", query: "?dry_run=true"), create("x", query: "?dry_run=true"),
                move("light", query: "?dry_run=true"), dryArchive,
            ],
            #"{"category":"light","count":1},{"category":"paper","count":1}"#
        ),
    ]

    private static let soldOut = Scenario.Step(
        .post, "/inventory/1/stock", as: "sami", #"{"delta":-10,"reason":"gone"}"#)

    @Test func countsWhatIsOnSale() throws {
        for row in CategoriesTests.rows {
            let shop = try TestShop()
            for step in row.before {
                #expect(try shop.send(step).status.kind == .successful, "\(row.name)")
            }
            let list = try shop.send(.get, CategoriesTests.target)
            #expect(list.text == #"{"data":[\#(row.list)]}"#, "\(row.name)")
            #expect(try shop.breaches() == [], "\(row.name)")
        }
    }

    static let scenarios = [
        Scenario(
            "an anonymous caller", .init(.get, target), gives: 200, shows: #"{"data":[{},{}]}"#),
        Scenario("a customer", .init(.get, target, as: "ada"), gives: 200),
        Scenario(
            "a bad token", .init(.get, target, fields: [.authorization: "Bearer x"]), gives: 401,
            code: "token_invalid"),
        Scenario(
            "no pages", .init(.get, target + "?limit=1"), gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"limit"}]}"#),
        Scenario(
            "another method", .init(.post, target, as: "sami", "{}"), gives: 405,
            code: "method_not_allowed", fields: ["Allow": "GET, HEAD"]),
        Scenario(
            "refused changes", after: [.init(.patch, "/inventory/2", as: "sami", #"{"sku":"A"}"#)],
            .init(.patch, "/inventory/1", as: "sami", #"{"sku":"A","category":"light"}"#),
            gives: 409, code: "sku_taken"),
    ]

    @Test(arguments: scenarios) func answers(row: Scenario) throws { try row.play() }

    @Test func returns304ForAMatchingETag() throws {
        let shop = try TestShop()
        let tag = try shop.send(.get, CategoriesTests.target).fields[.eTag] ?? ""
        let same = try shop.send(.get, CategoriesTests.target, fields: [.ifNoneMatch: tag])
        #expect(same.status.code == 304 && same.body.isEmpty)
        _ = try shop.send(CategoriesTests.create("paper"))
        let changed = try shop.send(.get, CategoriesTests.target, fields: [.ifNoneMatch: tag])
        #expect(changed.status.code == 200)
    }

    @Test func staysCorrectUnderSixteenThreads() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "sami")
        onThreads(16) { number in
            for turn in 0..<6 {
                _ = try? shop.send(CategoriesTests.create("c\((number + turn) % 4)"))
                _ = try? shop.send(CategoriesTests.move("c\(turn % 4)"))
                if number == turn { _ = try? shop.send(CategoriesTests.archive) }
            }
        }
        let counts = try shop.send(.get, CategoriesTests.target).json["data"]?.elements
        let sum = counts?.compactMap { $0["count"]?.integer }.reduce(0, +)
        #expect(sum == 97)
        #expect(try shop.breaches() == [])
    }
}

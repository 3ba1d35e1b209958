import HTTP
import HTTPTypes
import TestShop
import Testing

/// Both engines answer one random history alike.
///
/// `SOUK_TESTS_SEED` repeats a history. An engine may leave gaps in the numbers of rows, so ids are
/// compared by the order in which the history created their resources.
@Suite(.once) struct DifferentialTests {
    private static let steps = 10_000

    @Test func bothEnginesAnswerOneHistoryAlike() throws {
        let seed = SeededRandom.seed
        var history = History(seed: seed)
        let twins = try [TestEngine.sqlite, .postgresql].map(Twin.init)
        for body in [
            #"{"code":"TENTH","kind":"percent","value":1000,"categories":["paper"]}"#,
            #"{"code":"FIVE","kind":"amount","value":500,"max_uses":40}"#,
        ] {
            for twin in twins {
                _ = try twin.shop.send(.post, "/sales/coupons", as: "sami", body)
            }
        }
        var statuses: [String: Int] = [:]
        for number in 0..<DifferentialTests.steps {
            let step = history.next()
            let answers = try twins.map { try $0.send(step) }
            guard answers[0] == answers[1] else {
                Issue.record(
                    """
                    step \(number) of SOUK_TESTS_SEED=\(seed): \(step)
                    \(answers[0])
                    \(answers[1])
                    """)
                return
            }
            statuses[String(answers[0].prefix(3)), default: 0] += 1
            history.learn(from: step, hasSucceeded: answers[0].hasPrefix("201"))
        }
        print("\(statuses)")
        // The history is more than refusals.
        for status in ["200", "201", "204", "404", "409", "422"] {
            #expect(statuses[status] ?? 0 >= 100, "\(statuses)")
        }
        for twin in twins { #expect(try twin.shop.breaches() == []) }
    }
}

/// A request whose ids are the numbers of resources: `{order 3}` is the third order.
private struct Step: CustomStringConvertible {
    var method = HTTPRequest.Method.get
    var target: String
    var account: String?
    var body: String?
    /// What the request creates.
    var creates: String?
    var key: Int?

    var description: String {
        "\(method) \(target) as \(account ?? "nobody") \(body ?? "") \(key.map { "key \($0)" } ?? "")"
    }
}

/// Chooses random requests.
private struct History {
    private var random: SeededRandom
    private var counts = ["product": 2, "order": 0, "review": 0]
    private var keyed: [Step] = []
    private static let accounts = ["ada", "ben", "mona", "sami", "adil"]
    private static let words = ["pen", "lamp", "ink", "Tëa", "reed pen", "blue"]

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func next() -> Step {
        var step = random.below(3) == 0 ? read() : random.below(5) < 3 ? trade() : change()
        guard step.method != .get else { return step }
        switch random.below(12) {
        case 0:
            step.target += "?dry_run=true"
            step.creates = nil
        case 1 where !keyed.isEmpty: return keyed[random.below(keyed.count)]
        case 2, 3:
            step.key = keyed.count
            var replay = step
            replay.creates = nil
            keyed.append(replay)
        default: break
        }
        return step
    }

    mutating func learn(from step: Step, hasSucceeded: Bool) {
        if let kind = step.creates, hasSucceeded { counts[kind, default: 0] += 1 }
    }

    private mutating func any(_ kind: String) -> String {
        "{\(kind) \(random.below(max(1, counts[kind] ?? 1)) + 1)}"
    }

    private mutating func pick(_ texts: [String]) -> String { texts[random.below(texts.count)] }

    private mutating func account() -> String { pick(History.accounts) }

    /// Orders and what follows from them.
    private mutating func trade() -> Step {
        let staff = pick(["sami", "adil", "sami", "ada"])
        switch random.below(10) {
        case 0...3:
            let items = (0...random.below(3)).map { _ in
                #"{"product_id":\#(any("product")),"quantity":\#(random.below(4) + 1)}"#
            }
            return Step(
                method: .post, target: "/sales", account: account(),
                body: #"{"items":[\#(items.joined(separator: ","))]\#(coupon())}"#,
                creates: "order")
        case 4:
            let items = #"[{"product_id":\#(any("product")),"quantity":1}]"#
            return Step(
                method: .post, target: "/sales/\(any("order"))/refund", account: staff,
                body: #"{"items":\#(items),"restock":true,"reason":"broken"}"#)
        case 5:
            return Step(
                method: .post, target: "/sales/\(any("order"))/\(pick(["ship", "deliver"]))",
                account: staff)
        case 6:
            return Step(method: .post, target: "/sales/\(any("order"))/cancel", account: account())
        case 7:
            return Step(
                method: .post,
                target: "/customers/\(account())/wallet/\(pick(["credit", "debit"]))",
                account: staff, body: #"{"amount":\#(random.below(20_000))}"#)
        case 8:
            return Step(
                method: .post, target: "/inventory/\(any("product"))/stock", account: staff,
                body: #"{"delta":\#(random.below(30) - 4),"reason":"counted"}"#)
        default:
            return Step(
                method: random.below(3) == 0 ? .delete : .put,
                target: "/wishlist/\(any("product"))",
                account: account())
        }
    }

    /// A member of an order that names a coupon, or nothing.
    private mutating func coupon() -> String {
        pick(["", "", #","coupon":"tenth""#, #","coupon":"five""#])
    }

    /// Products and people, or a review.
    private mutating func change() -> Step {
        switch random.below(12) {
        case 0:
            let name = "\(pick(History.words)) \(random.below(9))"
            let category = pick(["paper", "light"])
            let numbers = #""price":\#(random.below(900)),"stock":\#(random.below(40))"#
            return Step(
                method: .post, target: "/inventory", account: "sami",
                body: """
                    {"name":"\(name)","category":"\(category)",\(numbers),\
                    "sku":"S\(random.below(500))"}
                    """, creates: "product")
        case 1:
            return Step(
                method: .patch, target: "/inventory/\(any("product"))", account: "sami",
                body: #"{"price":\#(random.below(900)),"name":"\#(pick(History.words))"}"#)
        case 2:
            return Step(
                method: random.below(2) == 0 ? .delete : .post,
                target: "/inventory/\(any("product"))", account: "adil")
        case 3:
            return Step(
                method: .post, target: "/inventory/\(any("product"))/restore", account: "adil")
        case 4...10: return review()
        default:
            return Step(
                method: .patch, target: "/customers/\(account())", account: account(),
                body: #"{"full_name":"\#(pick(["Ada", "Ben", "Ölga"])) \#(random.below(5))"}"#)
        }
    }

    private mutating func review() -> Step {
        switch random.below(7) {
        case 0, 1:
            return Step(
                method: .post, target: "/reviews", account: account(),
                body: #"{"product_id":\#(any("product")),"rating":\#(random.below(6))}"#,
                creates: "review")
        case 2:
            return Step(method: .post, target: "/reviews/\(any("review"))/approve", account: "mona")
        case 3:
            return Step(
                method: .post, target: "/reviews/\(any("review"))/reject", account: "adil",
                body: #"{"reason":"rude"}"#)
        case 4:
            return Step(
                method: .patch, target: "/reviews/\(any("review"))", account: account(),
                body: #"{"rating":\#(random.below(5) + 1)}"#)
        case 5:
            return Step(
                method: random.below(3) == 0 ? .delete : .put,
                target: "/reviews/\(any("review"))/vote", account: account())
        default:
            return Step(
                method: .post, target: "/reviews/\(any("review"))/flag", account: account(),
                body: #"{"reason":"rude"}"#)
        }
    }

    private mutating func read() -> Step {
        let sort = pick(["created_at", "-created_at", "price", "-price", "name", "-name"])
        let target = pick([
            "/inventory?limit=7&sort=\(sort)", "/inventory?limit=5&q=pe&sort=\(sort)",
            "/inventory?limit=3&category=paper&in_stock=true&sort=\(sort)",
            "/inventory?limit=4&min_price=200&max_price=600&sort=\(sort)",
            "/inventory/\(any("product"))", "/inventory/categories", "/inventory/low-stock",
            "/inventory/archived?limit=3", "/inventory/\(any("product"))/movements?limit=5",
            "/sales?limit=5", "/sales?limit=5&status=paid", "/sales/\(any("order"))",
            "/sales?limit=2&username=ada", "/reviews?limit=4", "/reviews/\(any("review"))",
            "/reviews?limit=3&sort=-rating&product_id=\(any("product"))",
            "/reviews/summary?product_id=\(any("product"))", "/reviews?limit=9&status=pending",
            "/customers?limit=2&q=a", "/customers/\(account())",
            "/customers/\(account())/wallet/entries?limit=6", "/wishlist?limit=3",
            "/sales/reports/daily", "/sales/reports/top-products",
        ])
        return Step(target: target, account: pick(["ada", "sami", "adil", "sami"]))
    }
}

/// A shop on one engine, with the ids of what the history created.
private final class Twin {
    let shop: TestShop
    private var sent = 0
    private var ids: [String: [Int64]] = ["product": [1, 2], "order": [], "review": []]

    init(on engine: TestEngine) throws { shop = try TestShop(on: engine) }

    /// Sends the request, and its next page if it is a list.
    ///
    /// - Returns: status and content with the numbers of resources in place of ids.
    func send(_ step: Step) throws -> String {
        let fields: HTTPFields = step.key.map { .key("key-\($0)") } ?? [:]
        let answer = try shop.send(
            step.method, filled(step.target), as: step.account, step.body.map(filled),
            fields: fields)
        if let kind = step.creates, answer.status == .created,
            let id = try answer.json["id"]?.integer
        {
            ids[kind, default: []].append(id)
        }
        var text = "\(answer.status.code) \(neutral(answer.text, of: step.target))"
        if step.method == .get, let cursor = try answer.json["next"]?.text {
            let page = try shop.send(
                .get, "\(filled(step.target))&after=\(cursor)", as: step.account)
            text += "\n\(page.status.code) \(neutral(page.text, of: step.target))"
        }
        // Tokens are valid for 15 minutes.
        sent += 1
        if sent % 20 == 0 { shop.clock.pass(seconds: 1) }
        return text
    }

    /// The text with ids in place of `{order 3}`; what does not exist has an id that nothing has.
    private func filled(_ text: String) -> String {
        text.replacing(#/\{(\w+) (\d+)\}/#) { match in
            let known = ids[String(match.1)] ?? []
            let number = Int(match.2) ?? 0
            return known.indices.contains(number - 1) ? "\(known[number - 1])" : "999999"
        }
    }

    private func neutral(_ text: String, of target: String) -> String {
        let isPart = target.contains(#/movements|stock|flag|wallet/#)
        let kinds = [
            "inventory": "product", "wishlist": "product", "sales": "order", "reviews": "review",
        ]
        let slice = target.split(separator: "/").first.map { String($0.prefix { $0 != "?" }) } ?? ""
        let own = isPart ? nil : kinds[slice]
        let named = text.replacing(#/(?i)product (\d+)/#) { match in
            "product \(number(of: Int64(match.1) ?? 0, "product"))"
        }
        // The number of an order is its id as text.
        let numbered = named.replacing(#/"number":"(\d+)"/#) { match in
            "\"number\":\"\(number(of: Int64(match.1) ?? 0, "order"))\""
        }
        return numbered.replacing(#/"(id|product_id|order_id|review_id)":(\d+)/#) { match in
            let name = String(match.1)
            let kind = name == "id" ? own : String(name.dropLast(3))
            return "\"\(name)\":\(number(of: Int64(match.2) ?? 0, kind))"
        }.replacing(#/"next":"[^"]*"/#, with: #""next":"…""#)
    }

    private func number(of id: Int64, _ kind: String?) -> String {
        guard let kind, let place = ids[kind]?.firstIndex(of: id) else { return "0" }
        return "\(kind) \(place + 1)"
    }
}

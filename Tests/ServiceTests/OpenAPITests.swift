import Foundation
import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

/// Compares requests and responses with openapi.yaml, field by field.
@Suite struct OpenAPITests {
    let description: OpenAPI

    init() throws {
        description = try OpenAPI.read()
    }

    private static let address =
        #"{"name":"Ada","lines":["1 Main St"],"city":"Berlin","country":"DE"}"#

    /// A shop in which every optional member of a response occurs once.
    private static func richShop() throws -> TestShop {
        let shop = try TestShop.furnished()
        let steps: [Scenario.Step] = [
            .init(.patch, "/inventory/1", as: "sami", #"{"low_stock":100}"#),
            .init(.post, "/reviews/1/approve", as: "mona"),
            .init(.post, "/reviews/1/flag", as: "ben", #"{"reason":"rude"}"#),
            .init(.post, "/reviews", as: "ben", #"{"product_id":1,"rating":1}"#),
            .init(.post, "/reviews/2/approve", as: "mona"),
            .init(.put, "/reviews/2/vote", as: "ada"),
            .init(.post, "/reviews/2/flag", as: "ada", #"{"reason":"rude"}"#),
            .init(.post, "/customers/ada/wallet/credit", as: "sami", #"{"amount":5}"#),
            .init(.patch, "/inventory/2", as: "sami", #"{"requires_shipping":true}"#),
            .init(
                .post, "/sales", as: "ada",
                #"""
                {"items":[{"product_id":1,"quantity":1},{"product_id":2,"quantity":1}],\#
                "shipping_address":\#(address),\#
                "billing_address":\#(address),"shipping_method":1,"coupon":"ten"}
                """#),
        ]
        for step in steps { try step.succeeds(in: shop) }
        let redemption = #"{"code":"\#(try shop.giftCardCode())"}"#
        try Scenario.Step(
            .post, "/customers/ada/wallet/gift-cards", as: "ada", redemption
        ).succeeds(in: shop)
        try failWebhook(shop)
        _ = try shop.refreshToken()
        let sessions = try shop.send(.get, "/customers/ada/sessions", as: "ada").json["data"]
        let newest = try #require(sessions?[0]?["id"]?.integer)
        _ = try shop.send(.delete, "/customers/ada/sessions/\(newest)", as: "ada")
        _ = try shop.send(
            .post, "/customers/login", #"{"username":"ada","password":"wrong"}"#,
            from: "198.51.100.9")
        return shop
    }

    /// Adds what only the courier adds.
    private static func failWebhook(_ shop: TestShop) throws {
        try shop.store.write { tx in
            try tx.run(
                """
                INSERT INTO webhook_attempts (delivery_id, number, at, status, ms, error, answer)
                VALUES (1, 1, 0, 500, 1, 'timeout', 'why')
                """)
            try tx.run("UPDATE webhook_deliveries SET attempts = 1")
        }
    }

    /// Every response of every route, for three kinds of caller.
    @Test func answersHaveTheFieldsOfTheirSchemas() throws {
        let shop = try Self.richShop()
        var comparison = SchemaComparison(with: description)
        func compare(_ response: Response, _ method: HTTPRequest.Method, _ target: String) throws {
            let operation = try #require(description.operation(method, target), "\(target)")
            let isError = response.status.code >= 400
            try comparison.compare(
                response, to: operation,
                type: isError ? "application/problem+json" : "application/json")
        }
        let all =
            RouteCase.all + [
                RouteCase(.post, "/customers", "/customers", "{}", gives: []),
                RouteCase(.get, "/reviews", "/reviews?flagged=true", gives: []),
                RouteCase(.get, "/inventory/:id", "/inventory/3", gives: []),
            ]
        for row in all {
            for caller in [nil, "ada", "sami", "adil"] {
                let isDry = !row.isSafe && row.statuses == row.expected
                let response = try row.send(
                    in: shop, as: caller, query: isDry ? "dry_run=true" : "")
                try compare(response, row.method, row.target)
            }
        }
        let guest = #"""
            {"items":[{"product_id":1,"quantity":1}],"email":"gail@example.com",\#
            "payment":{"method":"bank_transfer"}}
            """#
        try compare(shop.send(.post, "/sales", guest), .post, "/sales")
        let guests = "/customers?guest=true"
        try compare(shop.send(.get, guests, as: "sami"), .get, guests)
        let path = "/customers/ada/totp"
        let body = #"{"current_password":"correct horse"}"#
        let secret = try shop.send(.post, path, as: "ada", body)
        try compare(secret, .post, path)
        let code = try shop.code(for: secret.json["secret"]?.text ?? "")
        let codes = try shop.send(
            .post, "\(path)/confirm", as: "ada", #"{"code":"\#(code)"}"#)
        try compare(codes, .post, "\(path)/confirm")
        // A one-time token and a message that waits.
        let address = #"{"email":"ada@example.com"}"#
        try compare(
            shop.send(.patch, "/customers/ada", as: "ada", address), .patch, "/customers/ada")
        let export = "/customers/ada/export"
        try compare(shop.send(.get, export, as: "ada"), .get, export)
        let key = try shop.key(of: "ada", [.readSales])
        try compare(shop.send(.get, "/inventory", key: key), .get, "/inventory")
        #expect(comparison.faults == [])
        #expect(comparison.unseen == [])
    }

    /// `TestShop` compares the codes that tests meet; this finds codes that no response names.
    @Test func everyCodeIsNamedByAnAnswer() {
        #expect(description.unnamedCodes == [])
    }

    /// Responses contain names that no registration may choose: of `souk seed`, and after an
    /// erasure.
    @Test(arguments: ["ada", "c1", "erased~1", "erased~\(Int64.max)", "Ada", "", "1c"])
    func accountNamesMatchTheirSchema(name: String) throws {
        let schema = try #require(description.schema(named: "AccountName"))
        let pattern = try Regex(#require(schema["pattern"]?.text))
        let lengths =
            try #require(schema["minLength"]?.integer)...#require(
                schema["maxLength"]?.integer)
        let matches =
            lengths.contains(Int64(name.utf8.count)) && name.contains(pattern)
        #expect(matches == !["Ada", "", "1c"].contains(name))
    }

    /// The members of bodies and the query parameters are exactly those that openapi.yaml
    /// describes.
    @Test(.once, arguments: RouteCase.ordinary)
    func requestsTakeTheFieldsOfTheirSchemas(row: RouteCase) throws {
        let shop = try TestShop.furnished()
        let operation = try #require(description.operation(row.method, row.target))
        let names = try namesOfInputs()
        let target = row.target.prefix { $0 != "?" }
        var (members, parameters): (Set<String>, Set<String>) = ([], [])
        for batch in stride(from: 0, to: names.count, by: 40) {
            let names =
                Array(names[batch..<min(batch + 40, names.count)]) + ["of-no-operation"]
            let body = "{" + names.map { "\"\($0)\":[]" }.joined(separator: ",") + "}"
            let query = names.map { "\($0)=" }.joined(separator: "&")
            if row.body != nil {
                let answer = try shop.send(row.method, String(target), as: "adil", body)
                members.formUnion(try known(names, in: answer))
            }
            let answer = try shop.send(row.method, "\(target)?\(query)", as: "adil", row.body)
            parameters.formUnion(try known(names, in: answer))
        }
        #expect(members == description.bodyMembers(of: operation))
        // Known, and rejected if the response would contain a token or a secret.
        if description.rejectsDryRun(operation) { parameters.remove("dry_run") }
        #expect(parameters == description.queryParameters(of: operation))
    }

    /// The names that a rejected request did not report as unknown.
    private func known(_ names: [String], in answer: Response) throws -> Set<String> {
        try #require(answer.status == .unprocessableContent, "\(answer.text)")
        let unknown = try answer.json["errors"]?.elements.compactMap { fault -> String? in
            let message = fault["message"]
            let isUnknown =
                message == "is not a known field"
                || message == "is not supported by this operation"
            guard isUnknown, case .string(let field)? = fault["field"] else { return nil }
            return field
        }
        return Set(names).subtracting(unknown ?? [])
    }

    /// Every name that openapi.yaml or the sources use in a request.
    private func namesOfInputs() throws -> [String] {
        var names = description.inputNames
        let sources = OpenAPI.top.appending(path: "Sources")
        let files = FileManager.default.enumerator(atPath: sources.path)?.allObjects ?? []
        for case let file as String in files where file.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
            for match in text.matches(of: #/fields\.\w+\(\s*"([a-z_]+)"/#) {
                names.insert(String(match.output.1))
            }
        }
        return names.sorted()
    }
}

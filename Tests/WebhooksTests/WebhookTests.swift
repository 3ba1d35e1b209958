import HTTP
import HTTPTypes
import Storage
import TestShop
import Testing

@Suite struct WebhookTests {
    private static let url = "https://erp.example.com/souk"
    static let create = Scenario.Step(
        .post, "/webhooks", as: "adil", #"{"url":"\#(url)","types":["order.*"]}"#)
    private static let test = Scenario.Step(.post, "/webhooks/1/test", as: "adil")
    private static let pause = Scenario.Step(
        .patch, "/webhooks/1", as: "adil", #"{"paused":true}"#)

    static let rows: [Scenario] = creations + changes + messages + unknown + bodies + closed

    private static let creations: [Scenario] = [
        Scenario(
            "creates a webhook", create, gives: 201,
            shows: #"""
                {"id":1,"url":"https://erp.example.com/souk","types":["order.*"],\#
                "description":null,"paused":false,"failing_since":null,\#
                "created_at":"2026-11-18T11:06:40.000Z","updated_at":"2026-11-18T11:06:40.000Z"}
                """#, fields: ["Location": "/webhooks/1"]),
        Scenario(
            "shows no secret later", after: [create], .init(.get, "/webhooks/1", as: "adil"),
            gives: 200, shows: #"{"id":1,"types":["order.*"]}"#),
        Scenario(
            "an empty list", .init(.get, "/webhooks", as: "adil"), gives: 200,
            shows: #"{"data":[],"next":null}"#),
        Scenario(
            "lists the newest first", after: [create, create],
            .init(.get, "/webhooks", as: "adil"), gives: 200,
            shows: #"{"data":[{"id":2},{"id":1}],"next":null}"#),
        Scenario(
            "a dry run creates none",
            after: [
                .init(
                    .post, "/webhooks?dry_run=true", as: "adil",
                    #"{"url":"https://a.example","types":["*"]}"#)
            ], .init(.get, "/webhooks", as: "adil"), gives: 200,
            shows: #"{"data":[],"next":null}"#),
        Scenario(
            "every fault at once",
            .init(
                .post, "/webhooks", as: "adil",
                #"{"url":"","types":["order.sold"],"description":7,"paused":true}"#),
            gives: 422, code: "invalid_request",
            shows: #"""
                {"errors":[{"field":"url"},{"field":"types"},{"field":"description"},\#
                {"field":"paused"}]}
                """#),
        Scenario(
            "missing fields", .init(.post, "/webhooks", as: "adil", "{}"), gives: 422,
            code: "invalid_request",
            shows: #"{"errors":[{"field":"url"},{"field":"types"}]}"#),
    ]

    private static let changes: [Scenario] = [
        Scenario(
            "changes the types", after: [create],
            .init(.patch, "/webhooks/1", as: "adil", #"{"types":["*"],"description":"d"}"#),
            gives: 200,
            shows: #"{"types":["*"],"description":"d","url":"https://erp.example.com/souk"}"#),
        Scenario("pauses", after: [create], pause, gives: 200, shows: #"{"paused":true}"#),
        Scenario(
            "resumes", after: [create, pause],
            .init(.patch, "/webhooks/1", as: "adil", #"{"paused":false}"#), gives: 200,
            shows: #"{"paused":false}"#),
        Scenario(
            "an address that is not https", after: [create],
            .init(.patch, "/webhooks/1", as: "adil", #"{"url":"http://erp.example.com/"}"#),
            gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"url"}]}"#),
        Scenario(
            "null for the types", after: [create],
            .init(.patch, "/webhooks/1", as: "adil", #"{"types":null}"#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"types"}]}"#),
        Scenario(
            "a condition that does not hold", after: [create],
            .init(
                .patch, "/webhooks/1", as: "adil", #"{"paused":true}"#,
                fields: [.ifMatch: #""x""#]), gives: 412, code: "precondition_failed"),
        Scenario(
            "a condition that holds", after: [create],
            .init(
                .patch, "/webhooks/1", as: "adil", #"{"paused":true}"#, fields: [.ifMatch: "*"]),
            gives: 200),
        Scenario(
            "deletes", after: [create], .init(.delete, "/webhooks/1", as: "adil"), gives: 204),
        Scenario(
            "does not delete a changed one", after: [create],
            .init(.delete, "/webhooks/1", as: "adil", fields: [.ifMatch: #""x""#]), gives: 412,
            code: "precondition_failed"),
    ]

    private static let messages: [Scenario] = [
        Scenario(
            "sends a test", after: [create], test, gives: 202,
            shows: #"""
                {"id":1,"webhook_id":1,"event":{"id":"test_1","type":"webhook.test"},\#
                "state":"pending","attempts":[],\#
                "next_attempt_at":"2026-11-18T11:06:40.000Z"}
                """#),
        Scenario(
            "sends no test while paused", after: [create, pause], test, gives: 409,
            code: "webhook_paused"),
        Scenario(
            "lists deliveries", after: [create, test, test],
            .init(.get, "/webhooks/1/deliveries", as: "adil"), gives: 200,
            shows: #"{"data":[{"id":2},{"id":1}],"next":null}"#),
        Scenario(
            "lists the deliveries in a state", after: [create, test],
            .init(.get, "/webhooks/1/deliveries?state=failed", as: "adil"), gives: 200,
            shows: #"{"data":[],"next":null}"#),
        Scenario(
            "an unknown state", after: [create],
            .init(.get, "/webhooks/1/deliveries?state=lost", as: "adil"), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"state"}]}"#),
        Scenario(
            "retries a delivery", after: [create, test],
            .init(.post, "/webhooks/1/deliveries/1/retry", as: "adil"), gives: 200,
            shows: #"{"id":1,"state":"pending"}"#),
        Scenario(
            "a retry while paused waits", after: [create, test, pause],
            .init(.post, "/webhooks/1/deliveries/1/retry", as: "adil"), gives: 200,
            shows: #"{"state":"pending","next_attempt_at":null}"#),
        Scenario(
            "an unknown delivery", after: [create],
            .init(.post, "/webhooks/1/deliveries/1/retry", as: "adil"), gives: 404,
            code: "delivery_not_found"),
        Scenario(
            "another webhook's delivery", after: [create, create, test],
            .init(.post, "/webhooks/2/deliveries/1/retry", as: "adil"), gives: 404,
            code: "delivery_not_found"),
        Scenario(
            "a condition on a rotation", after: [create],
            .init(.post, "/webhooks/1/rotate-secret", as: "adil", fields: [.ifMatch: "*"]),
            gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"If-Match"}]}"#),
    ]

    private static let closed: [Scenario] =
        .closed(to: "ada", "mona", "sami", by: .get, "/webhooks")
        + .closed(to: "ada", "mona", "sami", by: .post, "/webhooks", "{}")

    /// A webhook that does not exist, or not any more.
    private static let unknown: [Scenario] = requests.flatMap { request in
        let (method, end, body) = request
        return [
            Scenario(
                "\(method) \(end) of an unknown webhook",
                .init(method, "/webhooks/7\(end)", as: "adil", body), gives: 404,
                code: "webhook_not_found"),
            Scenario(
                "\(method) \(end) of a deleted webhook",
                after: [create, test, .init(.delete, "/webhooks/1", as: "adil")],
                .init(method, "/webhooks/1\(end)", as: "adil", body), gives: 404,
                code: "webhook_not_found"),
            Scenario(
                "\(method) \(end) of an invalid id",
                .init(method, "/webhooks/x\(end)", as: "adil", body), gives: 404,
                code: "not_found"),
        ]
    }

    private static let requests: [(HTTPRequest.Method, String, String?)] = [
        (.get, "", nil), (.patch, "", #"{"paused":true}"#), (.delete, "", nil),
        (.post, "/rotate-secret", nil), (.post, "/test", nil), (.get, "/deliveries", nil),
        (.post, "/deliveries/1/retry", nil),
    ]

    /// Bodies on operations that take none.
    private static let bodies: [Scenario] = ["/rotate-secret", "/test", "/deliveries/1/retry"].map {
        Scenario(
            "a body for \($0)", after: [create, test],
            .init(.post, "/webhooks/1\($0)", as: "adil", #"{"x":1}"#), gives: 422,
            code: "invalid_request", shows: #"{"errors":[{"field":"body"}]}"#)
    }

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    static let bounds: [Bound] = goodURLs + badURLs + others

    private static let goodURLs: [Bound] = Bound.inside(
        "url", #""https://a.example""#, #""https://a.example:8443/x?y=z""#,
        #""https://[2606:4700::1111]/""#,
        "\"https://a.example/\(String(repeating: "a", count: 1982))\"")

    private static let badURLs: [Bound] = Bound.outside(
        "url", "\"https://a.example/\(String(repeating: "a", count: 1983))\"",
        #""http://a.example/""#, #""ftp://a.example/""#, #""https://""#, #""https:///x""#,
        #""https://user@a.example/""#, #""https://user:pass@a.example/""#,
        #""https://a.example/#top""#, #""https://a.example/ä""#, #""https://a.example/ x""#,
        #""https://a.example:99999/""#, #""https://a.example:x/""#, #""//a.example/""#,
        #""https://127.0.0.1/""#, #""https://10.0.0.1/""#, #""https://[::1]/""#,
        #""https://169.254.169.254/latest""#, #""https://localhost/""#,
        #""https://[::ffff:127.0.0.1]/""#, #""https://2130706433/""#, "7", "null")

    private static let others: [Bound] =
        Bound.inside(
            "types", #"["*"]"#, #"["order.paid"]"#, #"["order.*","stock.low"]"#,
            #"["webhook.failing"]"#)
        + Bound.outside(
            "types", "[]", #"["order"]"#, #"["order."]"#, #"["order.p*"]"#, #"["**"]"#,
            #"["webhook.test"]"#, #"["order.paid","order.paid"]"#, #"[7]"#, #"[null]"#, #""*""#,
            #"["Order.paid"]"#, #"["order.paid "]"#)
        + Bound.inside("description", "null", Bound.text(500), #""a""#)
        + Bound.outside("description", Bound.text(501), #""a\nb""#, #""""#, "7")

    @Test(arguments: bounds) func checksEachField(bound: Bound) throws {
        let shop = try TestShop()
        var fields = ["url": #""https://a.example""#, "types": #"["*"]"#]
        fields[bound.field] = bound.value
        let body = fields.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        try bound.check(try shop.send(.post, "/webhooks", as: "adil", "{\(body)}"))
    }

    /// Hosts that the operator allows may be private, and use http.
    @Test(arguments: [
        ("http://erp.lan/", true), ("https://erp.lan/", true), ("http://ERP.lan:8080/", true),
        ("http://10.0.0.5:8080/x", true), ("http://10.0.0.5/", false),
        ("https://10.0.0.5:8080/", true), ("http://[::1]:9000/", true), ("http://[::1]/", false),
        ("http://erp.lan.example/", false), ("http://erp.lan@evil.example/", false),
        ("http://evil.example/#erp.lan", false), ("ftp://erp.lan/", false),
    ]) func knowsAllowedHosts(url: String, isAllowed: Bool) throws {
        let shop = try TestShop(webhookHosts: ["erp.lan", "10.0.0.5:8080", "[::1]:9000"])
        let answer = try shop.send(
            .post, "/webhooks", as: "adil", #"{"url":"\#(url)","types":["*"]}"#)
        #expect(answer.status.code == (isAllowed ? 201 : 422), "\(answer.text)")
        if !isAllowed { #expect(try answer.faults == ["url"]) }
    }

    @Test func pagesThroughTheLists() throws {
        let shop = try TestShop()
        for _ in 1...25 {
            try WebhookTests.create.succeeds(in: shop)
            try WebhookTests.test.succeeds(in: shop)
        }
        let all = (1...25).reversed().map(Int64.init)
        #expect(try shop.ids("/webhooks", as: "adil") == all)
        #expect(try shop.ids("/webhooks/1/deliveries", as: "adil") == all)
        #expect(try shop.ids("/webhooks/1/deliveries?state=pending", as: "adil") == all)
    }

    @Test func hasAtMost1000() throws {
        let shop = try TestShop()
        try shop.store.write { tx in
            for _ in 1...999 {
                try tx.run(
                    """
                    INSERT INTO webhooks (url, types, paused, secret, created_at, updated_at)
                    VALUES ('https://a.example', '', 0, '', 0, 0)
                    """)
            }
        }
        try WebhookTests.create.succeeds(in: shop)
        let refused = try shop.send(WebhookTests.create)
        #expect(try refused.json["code"] == "quota_exceeded")
        #expect(try shop.send(.delete, "/webhooks/1", as: "adil").status == .noContent)
        try WebhookTests.create.succeeds(in: shop)
    }

    @Test func recordsEachChange() throws {
        let shop = try TestShop()
        for step in [
            WebhookTests.create, WebhookTests.test, WebhookTests.pause,
            .init(.post, "/webhooks/1/rotate-secret", as: "adil"),
            .init(.post, "/webhooks/1/deliveries/1/retry", as: "adil"),
            .init(.delete, "/webhooks/1", as: "adil"),
        ] {
            try step.succeeds(in: shop)
        }
        let log = try shop.send(.get, "/customers/audit?actor=adil", as: "adil").json
        let entries = (log["data"]?.elements ?? []).reversed()
        #expect(
            entries.map { $0["action"] } == [
                "created_webhook", "tested_webhook", "changed_webhook", "rotated_webhook_secret",
                "retried_webhook_delivery", "deleted_webhook",
            ])
        #expect(
            entries.map { $0["subject"] } == [
                "/webhooks/1", "/webhooks/1", "/webhooks/1", "/webhooks/1",
                "/webhooks/1/deliveries/1", "/webhooks/1",
            ])
        let changed = entries.first { $0["action"] == "changed_webhook" }
        #expect(changed?["before"] == #"{"paused":false}"#)
        #expect(changed?["after"] == #"{"paused":true}"#)
        #expect(!"\(log)".contains("whsec_"))
    }
}

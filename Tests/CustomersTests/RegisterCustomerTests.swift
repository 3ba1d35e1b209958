import HTTP
import TestShop
import Testing

@Suite struct RegisterCustomerTests {
    private static func body(
        username: String = #""zoe""#, password: String = #""correct horse""#,
        name: String = #""Zoë""#, more: String = ""
    ) -> String {
        #"{"username":\#(username),"password":\#(password),"full_name":\#(name)\#(more)}"#
    }

    static let rows = [
        Scenario(
            "opens an account",
            .init(.post, "/customers", body()), gives: 201,
            shows:
                #"""
                {"id":6,"username":"zoe","full_name":"Zoë","age":null,"address":null,\#
                "gender":null,"marital_status":null,"role":"customer","status":"active",\#
                "created_at":"2026-11-18T11:06:40.000Z",\#
                "updated_at":"2026-11-18T11:06:40.000Z"}
                """#,
            fields: ["Location": "/customers/zoe", "Content-Type": "application/json"]),
        Scenario(
            "stores all optional fields",
            .init(
                .post, "/customers",
                body(
                    more:
                        #","age":36,"address":"1 Main St\nTown","gender":"other","marital_status":"widowed""#
                )), gives: 201,
            shows:
                #"{"age":36,"address":"1 Main St\nTown","gender":"other","marital_status":"widowed"}"#
        ),
        Scenario(
            "accepts null for optional fields",
            .init(
                .post, "/customers",
                body(more: #","age":null,"address":null,"gender":null,"marital_status":null"#)),
            gives: 201,
            shows: #"{"age":null,"gender":null}"#),
        Scenario(
            "opens a second account for a customer", .init(.post, "/customers", as: "ada", body()),
            gives: 201, shows: #"{"username":"zoe"}"#),
        Scenario(
            "folds and trims a name", .init(.post, "/customers", body(username: #"" ZOE ""#)),
            gives: 201, shows: #"{"username":"zoe"}"#, fields: ["Location": "/customers/zoe"]),
        Scenario(
            "rejects a taken name in another case",
            .init(.post, "/customers", body(username: #""Ada""#)), gives: 409,
            code: "username_taken"),
        Scenario(
            "rejects a taken name", .init(.post, "/customers", body(username: #""ada""#)),
            gives: 409, code: "username_taken"),
        Scenario(
            "rejects a name that was just taken", after: [.init(.post, "/customers", body())],
            .init(.post, "/customers", body()), gives: 409, code: "username_taken"),
        Scenario(
            "lists every fault",
            .init(
                .post, "/customers",
                #"""
                {"username":"login","password":"1234567","full_name":"","age":0,\#
                "gender":"","marital_status":7,"role":"admin","status":"active",\#
                "balance":1}
                """#
            ), gives: 422, code: "invalid_request",
            shows:
                #"""
                {"errors":[{"field":"password"},{"field":"full_name"},{"field":"age"},\#
                {"field":"gender"},{"field":"marital_status"},{"field":"username",\#
                "message":"is reserved"},{"field":"role"},{"field":"status"},\#
                {"field":"balance"}]}
                """#
        ),
        Scenario(
            "rejects the username as password",
            .init(.post, "/customers", body(username: #""zoezoezoe""#, password: #""zoezoezoe""#)),
            gives: 422, code: "invalid_request",
            shows: #"{"errors":[{"field":"password","message":"must not be the username"}]}"#),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// One field as JSON, and whether it is valid.
    static let values: [(field: String, good: [String], bad: [String])] = [
        (
            "username",
            good: [
                #""abc""#, #""a_.-9""#, #""zoe.""#, #""z--""#, #""login2""#, #""relogin""#,
                #""audits""#, #""adminton""#, #""rooter""#, #""salesman""#, #""soukaina""#,
                text("z", 32),
            ],
            bad: [
                #""ab""#, #""""#, text("z", 33), #""1zoe""#, #""_zoe""#, #"".zoe""#, #""-zoe""#,
                #""z oe""#, #""zoë""#, #""z/oe""#, #""z%6fe""#,
                #""zo\u0000e""#, #""ｚoe""#, #""zo\u0065\u0301""#, "7", "null", "[]", #""login""#,
                #""logout""#, #""refresh""#, #""audit""#, #""metrics""#,
                #""admin""#, #""adm1n""#, #""Admin""#, #""a.d.m.i.n""#, #""admin_""#, #""r00t""#,
                #""supp0rt""#, #""rnoderator""#, #""s0uk""#, #""no-reply""#, #""noreply""#,
                #""mailer-daemon""#,
                #""rnailer.daern0n""#, #""vvebmaster""#, #""0wner""#, #""security""#,
                #""5ecurlty""#, #""p0stmaster""#,
            ]
        ),
        (
            "password",
            good: [
                #""p-p-p-p-""#, text("p", 128), text("é", 4), text("é", 64), text("😀", 2),
                #""        ""#, #""a\"\\b\tc\nd""#,
            ],
            bad: [
                text("a" + String(repeating: "\u{301}\u{323}", count: 16), 1),
                text("\u{1160}", 600), text("p", 7), #""ééép""#, text("p", 129), text("é", 65),
                #""""#, #""1234567\u0000""#, #""12345678\u0000""#, "12345678", "null", "true",
            ]
        ),
        (
            "full_name",
            good: [
                #""Z""#, text("z", 120), text("😀", 120), #""O'Brien; DROP TABLE customers--""#,
                #""<b>""#,
            ],
            bad: [
                #""""#, text("z", 121), #""   ""#, #""a\nb""#, #""a\u0000""#, #""\u007f""#, "null",
                "1", #""a\u200bb""#, #""\u3164""#, #""a\u00adb""#, #""a\u0085b""#, #""a\u2028b""#,
                #""\ufeffa""#,
            ]
        ),
        ("age", good: ["1", "150", "null"], bad: ["0", "151", "-1", "1.5", #""36""#, "true"]),
        (
            "address", good: [text("z", 500), text("ä", 500), #""a\r\nb\tc""#, "null", #""""#],
            bad: [text("z", 501), #""a\u0000""#, #""a\u001b""#, "7"]
        ),
        (
            "gender", good: [#""female""#, #""male""#, #""other""#, #""undisclosed""#, "null"],
            bad: [#""Female""#, #""""#, #""f""#, "0"]
        ),
        (
            "marital_status",
            good: [
                #""single""#, #""married""#, #""divorced""#, #""widowed""#, #""undisclosed""#,
                "null",
            ], bad: [#""Single""#, #""""#, "false"]
        ),
    ]

    private static func text(_ character: String, _ count: Int) -> String {
        "\"\(String(repeating: character, count: count))\""
    }

    @Test(arguments: values.indices) func checksEachField(index: Int) throws {
        let (field, good, bad) = RegisterCustomerTests.values[index]
        let shop = try TestShop()
        for value in good + bad {
            let body =
                switch field {
                case "username": RegisterCustomerTests.body(username: value)
                case "password": RegisterCustomerTests.body(password: value)
                case "full_name": RegisterCustomerTests.body(name: value)
                default: RegisterCustomerTests.body(more: ",\"\(field)\":\(value)")
                }
            let response = try shop.send(.post, "/customers?dry_run=true", body)
            if good.contains(value) {
                #expect(response.status == .created, "\(value): \(response.text)")
                guard field != "password" else { continue }
                #expect(try response.json[field] == JSON(parsing: Array(value.utf8)))
            } else {
                #expect(response.status.code == 422, "\(value): \(response.text)")
                let named = try response.json["errors"]?.elements.map { $0["field"] }
                #expect(named == [.string(field)], "\(value)")
            }
        }
    }

    @Test func givesANameToOneOfManyConcurrentRequests() throws {
        let shop = try TestShop()
        let statuses = atOnce(8) { _ in
            try? shop.send(.post, "/customers", RegisterCustomerTests.body()).status.code
        }
        #expect(statuses.filter { $0 == 201 }.count == 1)
        #expect(statuses.filter { $0 == 409 }.count == 7)
        #expect(try shop.breaches() == [])
    }

    @Test func aNewCustomerCanLogIn() throws {
        let shop = try TestShop()
        let password = #"pässwörd "quoted" \ 😀"#
        let made = try shop.send(
            .post, "/customers",
            RegisterCustomerTests.body(password: #""pässwörd \"quoted\" \\ 😀""#))
        #expect(made.status == .created)
        #expect(!made.text.contains(password))
        let login = try shop.send(
            .post, "/customers/login",
            #"{"username":"zoe","password":"p\u00e4ssw\u00f6rd \"quoted\" \\ \ud83d\ude00"}"#)
        let token = try Tokens(login).access
        let seen = try shop.send(.get, "/customers/zoe", with: token)
        #expect(seen.body == made.body)
        #expect(
            try shop.send(.get, "/customers/zoe/wallet", with: token).text
                == #"{"balance":0,"currency":"USD"}"#)
    }
}

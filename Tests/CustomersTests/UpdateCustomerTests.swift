import HTTP
import TestShop
import Testing

@Suite struct UpdateCustomerTests {
    private static let full = Scenario.Step(
        .patch, "/customers/ada", as: "ada",
        #"{"full_name":"Ada L.","age":36,"address":"Here\n1","gender":"female","marital_status":"married"}"#
    )

    static let rows = [
        Scenario(
            "everything", full, gives: 200,
            shows:
                #"""
                {"username":"ada","full_name":"Ada L.","age":36,"address":"Here\n1",\#
                "gender":"female","marital_status":"married","role":"customer",\#
                "created_at":"1970-01-01T00:00:00.000Z",\#
                "updated_at":"2026-11-18T11:06:40.000Z"}
                """#
        ),
        Scenario(
            "omitted fields keep their values", after: [full],
            .init(.patch, "/customers/ada", as: "ada", #"{"age":37}"#), gives: 200,
            shows:
                #"{"full_name":"Ada L.","age":37,"address":"Here\n1","gender":"female","marital_status":"married"}"#
        ),
        Scenario(
            "null clears a field", after: [full],
            .init(
                .patch, "/customers/ada", as: "ada",
                #"{"age":null,"address":null,"gender":null,"marital_status":null}"#), gives: 200,
            shows:
                #"{"full_name":"Ada L.","age":null,"address":null,"gender":null,"marital_status":null}"#
        ),
        Scenario(
            "nothing", after: [full], .init(.patch, "/customers/ada", as: "ada", "{}"), gives: 200,
            shows: #"{"full_name":"Ada L.","age":36}"#),
        Scenario(
            "by staff", .init(.patch, "/customers/ada", as: "sami", #"{"full_name":"A"}"#),
            gives: 200, shows: #"{"username":"ada","full_name":"A"}"#),
        Scenario(
            "a name for null", .init(.patch, "/customers/ada", as: "ada", #"{"full_name":null}"#),
            gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"full_name"}]}"#),
        Scenario(
            "every fault",
            .init(
                .patch, "/customers/ada", as: "ada",
                #"{"full_name":"","age":151,"address":7,"gender":"x","marital_status":"","password":"correct horse 2"}"#
            ), gives: 422, code: "invalid_request",
            shows:
                #"""
                {"errors":[{"field":"full_name"},{"field":"age"},{"field":"address"},\#
                {"field":"gender"},{"field":"marital_status"},{"field":"password",\#
                "message":"is not a known field"}]}
                """#
        ),
        Scenario(
            "fields that customers may not set",
            .init(
                .patch, "/customers/adil", as: "adil",
                #"{"id":9,"username":"x","role":"admin","status":"active","balance":1,"created_at":"x"}"#
            ), gives: 422, code: "invalid_request",
            shows:
                #"""
                {"errors":[{"field":"id"},{"field":"username"},{"field":"role"},\#
                {"field":"status"},{"field":"balance"},{"field":"created_at"}]}
                """#
        ),
        Scenario(
            "another customer", .init(.patch, "/customers/ben", as: "ada", #"{"age":1}"#),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "by a moderator", .init(.patch, "/customers/ben", as: "mona", #"{"age":1}"#),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "an unknown customer", .init(.patch, "/customers/nobody", as: "adil", #"{"age":1}"#),
            gives: 404, code: "customer_not_found"),
        Scenario(
            "without a token", .init(.patch, "/customers/ada", #"{"age":1}"#), gives: 401,
            code: "token_missing"),
        Scenario(
            "no JSON", .init(.patch, "/customers/ada", as: "ada", "age=1"), gives: 400,
            code: "invalid_json"),
        Scenario(
            "no body", .init(.patch, "/customers/ada", as: "ada"), gives: 415,
            code: "unsupported_media_type"),
    ]

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    @Test func theChangeIsVisibleAfterwards() throws {
        let shop = try TestShop()
        let updated = try shop.send(UpdateCustomerTests.full)
        #expect(updated.status == .ok)
        #expect(try shop.send(.get, "/customers/ada", as: "sami").body == updated.body)
        #expect(try shop.send(.get, "/customers/ben", as: "sami").json["age"] == .null)
    }

    /// Concurrent changes of two fields by two callers are both stored.
    @Test func concurrentChangesAreBothStored() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "ada")
        for round in 1...10 {
            let statuses = atOnce(2) { number in
                try? shop.send(
                    .patch, "/customers/ada", as: "ada",
                    number == 0 ? #"{"age":\#(round)}"# : #"{"address":"\#(round)"}"#
                ).status.code
            }
            #expect(statuses == [200, 200])
            let now = try shop.send(.get, "/customers/ada", as: "ada").json
            #expect(now["age"] == .integer(Int64(round)))
            #expect(now["address"] == .string("\(round)"))
        }
    }
}

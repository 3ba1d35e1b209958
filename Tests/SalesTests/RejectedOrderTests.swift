import HTTP
import TestShop
import Testing

/// Orders that are rejected; afterwards nothing has changed.
@Suite struct RejectedOrderTests {
    static let refusals =
        [
            Scenario(
                "lists every line with an unknown product",
                .init(
                    .post, "/sales", as: "ada",
                    #"""
                    {"items":[{"product_id":8,"quantity":1},{"product_id":1,\#
                    "quantity":1},{"product_id":9,"quantity":1}]}
                    """#
                ), gives: 404, code: "product_not_found",
                shows:
                    #"{"errors":[{"field":"items[0].product_id"},{"field":"items[2].product_id"}]}"#
            ),
            Scenario(
                "names an archived product", after: [.init(.delete, "/inventory/2", as: "sami")],
                .init(
                    .post, "/sales", as: "ada",
                    #"{"items":[{"product_id":1,"quantity":1},{"product_id":2,"quantity":1}]}"#),
                gives: 404, code: "product_not_found",
                shows: #"{"errors":[{"field":"items[1].product_id"}]}"#),
            Scenario(
                "reports an unknown product before insufficient stock",
                .init(
                    .post, "/sales", as: "ada",
                    #"{"items":[{"product_id":1,"quantity":11},{"product_id":9,"quantity":1}]}"#),
                gives: 404, code: "product_not_found",
                shows: #"{"errors":[{"field":"items[1].product_id"}]}"#),
            Scenario(
                "one more than the stock", CreateOrderTests.buy(1, 11), gives: 409,
                code: "insufficient_stock",
                shows: #"{"errors":[{"field":"items[0].quantity"}]}"#),
            Scenario(
                "lists every line with insufficient stock, in the order of the request",
                after: [
                    .init(
                        .post, "/inventory", as: "sami",
                        #"{"name":"Ink","category":"paper","price":1,"stock":1}"#)
                ],
                .init(
                    .post, "/sales", as: "ada",
                    #"""
                    {"items":[{"product_id":3,"quantity":2},{"product_id":1,\#
                    "quantity":1},{"product_id":2,"quantity":4}]}
                    """#
                ), gives: 409, code: "insufficient_stock",
                shows: #"{"errors":[{"field":"items[0].quantity"},{"field":"items[2].quantity"}]}"#),
            Scenario(
                "an empty wallet", CreateOrderTests.buy(1, 1, as: "ben"), gives: 409,
                code: "insufficient_funds"),
            // An order that the buyer cannot pay for reveals nothing about the stock.
            Scenario(
                "more than the wallet pays for and more than the stock",
                CreateOrderTests.buy(1, 11, as: "ben"),
                gives: 409, code: "insufficient_funds"),
            Scenario(
                "the same, as a dry run",
                .init(
                    .post, "/sales?dry_run=true", as: "ben",
                    #"{"items":[{"product_id":1,"quantity":11}]}"#), gives: 409,
                code: "insufficient_funds"),
            Scenario(
                "another total, and more than the stock",
                .init(
                    .post, "/sales", as: "ada",
                    #"{"items":[{"product_id":1,"quantity":11}],"expected_total":1}"#), gives: 409,
                code: "price_changed"),
            Scenario(
                "more than an order may cost, and more than the stock",
                after: [.init(.patch, "/inventory/1", as: "sami", #"{"price":100000000000}"#)],
                CreateOrderTests.buy(1, 10_001), gives: 422, code: "invalid_request"),
            Scenario(
                "one cent too little", after: [CreateOrderTests.rich],
                .init(
                    .post, "/sales", as: "ben",
                    #"{"items":[{"product_id":2,"quantity":1},{"product_id":1,"quantity":3}]}"#),
                gives: 409, code: "insufficient_funds"),
            Scenario(
                "a total that has risen since the buyer saw it",
                after: [.init(.patch, "/inventory/1", as: "sami", #"{"price":251}"#)],
                .init(
                    .post, "/sales", as: "ada",
                    #"{"items":[{"product_id":1,"quantity":2}],"expected_total":500}"#), gives: 409,
                code: "price_changed"),
            Scenario(
                "a total that has fallen since the buyer saw it",
                after: [.init(.patch, "/inventory/1", as: "sami", #"{"price":249}"#)],
                .init(
                    .post, "/sales", as: "ada",
                    #"{"items":[{"product_id":1,"quantity":2}],"expected_total":500}"#), gives: 409,
                code: "price_changed"),
            Scenario(
                "a line that costs more than any wallet can hold",
                after: [
                    .init(.patch, "/inventory/1", as: "sami", #"{"price":100000000000}"#),
                    .init(
                        .post, "/inventory/1/stock", as: "sami",
                        #"{"delta":999990,"reason":"many"}"#),
                ],
                CreateOrderTests.buy(1, 1_000_000), gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"items"}]}"#),
            Scenario(
                "lines that together cost more than any wallet can hold",
                after: [
                    .init(.patch, "/inventory/1", as: "sami", #"{"price":100000000000}"#),
                    .init(
                        .post, "/inventory/1/stock", as: "sami", #"{"delta":9990,"reason":"many"}"#),
                ],
                .init(
                    .post, "/sales", as: "ada",
                    #"{"items":[{"product_id":1,"quantity":10000},{"product_id":2,"quantity":1}]}"#),
                gives: 422, code: "invalid_request", shows: #"{"errors":[{"field":"items"}]}"#),
            Scenario(
                "the highest allowed total, which exceeds the balance",
                after: [
                    .init(.patch, "/inventory/1", as: "sami", #"{"price":100000000000}"#),
                    .init(
                        .post, "/inventory/1/stock", as: "sami", #"{"delta":9990,"reason":"many"}"#),
                ],
                CreateOrderTests.buy(1, 10_000), gives: 409, code: "insufficient_funds"),
            Scenario(
                "a product in two lines",
                .init(
                    .post, "/sales", as: "ada",
                    #"""
                    {"items":[{"product_id":1,"quantity":1},{"product_id":2,\#
                    "quantity":1},{"product_id":1,"quantity":2},{"product_id":1,\#
                    "quantity":3}]}
                    """#
                ), gives: 422, code: "invalid_request",
                shows:
                    #"{"errors":[{"field":"items[2].product_id"},{"field":"items[3].product_id"}]}"#
            ),
            Scenario(
                "an invalid line does not duplicate another product",
                .init(
                    .post, "/sales", as: "ada",
                    #"{"items":[{"product_id":"x","quantity":1},{"product_id":1,"quantity":1},{"quantity":1}]}"#
                ), gives: 422, code: "invalid_request",
                shows:
                    #"{"errors":[{"field":"items[0].product_id"},{"field":"items[2].product_id"}]}"#
            ),
            Scenario(
                "a line that is not an object does not shift the others",
                .init(
                    .post, "/sales", as: "ada",
                    #"{"items":[7,{"product_id":1,"quantity":1},{"product_id":1,"quantity":1}]}"#),
                gives: 422, code: "invalid_request",
                shows: #"{"errors":[{"field":"items[0]"},{"field":"items[2].product_id"}]}"#),
            Scenario(
                "every fault at once",
                .init(
                    .post, "/sales", as: "ada",
                    #"""
                    {"items":[{"quantity":0},{"product_id":-1,"quantity":"2","price":0},\#
                    {"product_id":1}],"expected_total":-1,"username":"ben"}
                    """#
                ), gives: 422, code: "invalid_request",
                shows:
                    #"""
                    {"errors":[{"field":"items[0].product_id"},\#
                    {"field":"items[0].quantity"},{"field":"items[1].product_id"},\#
                    {"field":"items[1].quantity"},{"field":"items[1].price"},\#
                    {"field":"items[2].quantity"},{"field":"expected_total"},\#
                    {"field":"username"}]}
                    """#
            ),
            Scenario(
                "no items", .init(.post, "/sales", as: "ada", "{}"), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"items"}]}"#),
            Scenario(
                "no JSON", .init(.post, "/sales", as: "ada", "{"), gives: 400, code: "invalid_json"),
            Scenario(
                "no media type",
                .init(.post, "/sales", as: "ada", "{}", fields: [.contentType: "text/json"]),
                gives: 415, code: "unsupported_media_type"),
            Scenario(
                "an invalid idempotency key",
                .init(
                    .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#,
                    fields: .key(String(repeating: "k", count: 256))), gives: 422,
                code: "invalid_request"),
        ] + .closed(by: .post, "/sales", #"{"items":[{"product_id":1,"quantity":1}]}"#)

    @Test(arguments: refusals) func refuses(row: Scenario) throws { try row.play() }
}

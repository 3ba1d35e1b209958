import HTTP
import HTTPTypes
import TestShop
import Testing

/// One route, a valid request for it, and the expected status for each kind of caller.
struct RouteCase: Sendable, CustomTestStringConvertible {
    let method: HTTPRequest.Method
    let path: String
    let target: String
    let body: String?
    /// The statuses with `dry_run=true` if the method is not safe, in the order of `callers`.
    let expected: [Int]
    /// The statuses for mona, sami and adil on their own data; empty if the data has no owner.
    let onOneself: [Int]
    /// The statuses without a dry run.
    let statuses: [Int]

    init(
        _ method: HTTPRequest.Method, _ path: String, _ target: String, _ body: String? = nil,
        gives expected: [Int], onOneself: [Int] = [], withoutDryRun statuses: [Int]? = nil
    ) {
        self.method = method
        self.path = path
        self.target = target
        self.body = body
        self.expected = expected
        self.onOneself = onOneself
        self.statuses = statuses ?? expected
    }

    var testDescription: String { "\(method.rawValue) \(path)" }
    var isSafe: Bool { method == .get }
    /// Whether adil, who may do almost everything, succeeds with it.
    var succeeds: Bool { (200..<300).contains(expected[5]) }

    /// An anonymous caller, another customer, the owner, and one account for each higher role.
    ///
    /// suse was suspended after she had logged in.
    static let callers = [nil, "ben", "ada", "mona", "sami", "adil", "suse"]

    /// The accounts with a role above customer, in the order of `onOneself`.
    static let selves = ["mona", "sami", "adil"]

    static let all =
        resources + webhooks + addresses + checkout + invoices + shippingAndTaxes
        + payments + fulfillment + carts

    private static let resources = [
        // gives: nobody, ben, ada, mona, sami, adil, suse.
        RouteCase(
            .post, "/customers", "/customers",
            #"{"username":"new","password":"correct horse","full_name":"N"}"#,
            gives: [201, 201, 201, 201, 201, 201, 201]),
        RouteCase(
            .post, "/customers/login", "/customers/login",
            #"{"username":"ada","password":"correct horse"}"#,
            gives: [422, 422, 422, 422, 422, 422, 422],
            withoutDryRun: [200, 200, 200, 200, 200, 200, 200]),
        RouteCase(
            .post, "/customers/refresh", "/customers/refresh", #"{"refresh_token":"REFRESH"}"#,
            gives: [422, 422, 422, 422, 422, 422, 422],
            withoutDryRun: [200, 200, 200, 200, 200, 200, 200]),
        RouteCase(
            .post, "/customers/logout", "/customers/logout",
            gives: [401, 204, 204, 204, 204, 204, 401]),
        RouteCase(.get, "/customers", "/customers", gives: [401, 403, 403, 403, 200, 200, 401]),
        RouteCase(
            .get, "/customers/audit", "/customers/audit",
            gives: [401, 403, 403, 403, 403, 200, 401]),
        RouteCase(
            .delete, "/customers/:username", "/customers/ada",
            gives: [401, 404, 409, 404, 403, 409, 401], onOneself: [409, 409, 409]),
        RouteCase(
            .get, "/customers/:username/export", "/customers/ada/export",
            gives: [401, 404, 200, 404, 403, 200, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .post, "/customers/:username/password", "/customers/ada/password",
            #"{"current_password":"correct horse","new_password":"a new horse"}"#,
            gives: [401, 422, 422, 422, 422, 422, 401], onOneself: [422, 422, 422],
            withoutDryRun: [401, 404, 204, 404, 403, 403, 401]),
        RouteCase(
            .get, "/customers/:username/sessions", "/customers/ada/sessions",
            gives: [401, 404, 200, 404, 403, 200, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .delete, "/customers/:username/sessions", "/customers/ada/sessions",
            gives: [401, 404, 204, 404, 403, 204, 401], onOneself: [204, 204, 204]),
        RouteCase(
            .delete, "/customers/:username/sessions/:id", "/customers/ada/sessions/2",
            gives: [401, 404, 204, 404, 403, 204, 401], onOneself: [204, 204, 204]),
        RouteCase(
            .get, "/customers/:username/api-keys", "/customers/ada/api-keys",
            gives: [401, 404, 200, 404, 403, 200, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .post, "/customers/:username/api-keys", "/customers/ada/api-keys",
            #"{"name":"stock","scopes":["write:inventory"]}"#,
            gives: [401, 404, 201, 404, 403, 201, 401], onOneself: [201, 201, 201]),
        RouteCase(
            .delete, "/customers/:username/api-keys/:id", "/customers/ada/api-keys/1",
            gives: [401, 404, 204, 404, 403, 204, 401], onOneself: [204, 204, 204]),
        RouteCase(
            .post, "/customers/:username/totp", "/customers/ada/totp",
            #"{"current_password":"correct horse"}"#,
            gives: [401, 422, 422, 422, 422, 422, 401], onOneself: [422, 422, 422],
            withoutDryRun: [401, 404, 201, 404, 403, 403, 401]),
        RouteCase(
            .post, "/customers/:username/totp/confirm", "/customers/ada/totp/confirm",
            #"{"code":"123456"}"#,
            gives: [401, 422, 422, 422, 422, 422, 401], onOneself: [422, 422, 422],
            withoutDryRun: [401, 404, 404, 404, 403, 403, 401]),
        RouteCase(
            .delete, "/customers/:username/totp", "/customers/ada/totp",
            #"{"current_password":"correct horse","code":"123456"}"#,
            gives: [401, 422, 422, 422, 422, 422, 401], onOneself: [422, 422, 422],
            withoutDryRun: [401, 404, 404, 404, 403, 403, 401]),
        RouteCase(
            .put, "/customers/:username/role", "/customers/ada/role", #"{"role":"customer"}"#,
            gives: [401, 403, 403, 403, 403, 200, 401], onOneself: [403, 403, 200]),
        RouteCase(
            .put, "/customers/:username/status", "/customers/ada/status", #"{"status":"active"}"#,
            gives: [401, 403, 403, 403, 403, 200, 401], onOneself: [403, 403, 200]),
        RouteCase(
            .get, "/sales/reports/daily", "/sales/reports/daily",
            gives: [401, 403, 403, 403, 200, 200, 401]),
        RouteCase(
            .get, "/sales/reports/taxes", "/sales/reports/taxes",
            gives: [401, 403, 403, 403, 200, 200, 401]),
        RouteCase(
            .get, "/sales/reports/liabilities", "/sales/reports/liabilities",
            gives: [401, 403, 403, 403, 200, 200, 401]),
        RouteCase(
            .get, "/sales/reports/top-products", "/sales/reports/top-products",
            gives: [401, 403, 403, 403, 200, 200, 401]),
        RouteCase(
            .post, "/sales/:id/cancel", "/sales/1/cancel",
            gives: [401, 404, 200, 404, 200, 200, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .post, "/sales/:id/refund", "/sales/1/refund", #"{"restock":true,"reason":"broken"}"#,
            gives: [401, 403, 403, 403, 200, 200, 401], onOneself: [403, 403, 403]),
        RouteCase(
            .get, "/reviews/summary", "/reviews/summary?product_id=1",
            gives: [200, 200, 200, 200, 200, 200, 401]),
        RouteCase(
            .patch, "/reviews/:id", "/reviews/1", #"{"rating":2}"#,
            gives: [401, 404, 200, 403, 403, 403, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .delete, "/reviews/:id", "/reviews/1", gives: [401, 404, 204, 204, 204, 204, 401],
            onOneself: [204, 204, 204]),
        RouteCase(
            .post, "/reviews/:id/flag", "/reviews/1/flag", #"{"reason":"rude"}"#,
            gives: [401, 404, 204, 204, 204, 204, 401], onOneself: [204, 204, 204]),
        RouteCase(
            .get, "/reviews/:id/flags", "/reviews/1/flags",
            gives: [401, 403, 403, 200, 200, 200, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .put, "/reviews/:id/vote", "/reviews/1/vote",
            gives: [401, 404, 409, 200, 200, 200, 401], onOneself: [409, 409, 409]),
        RouteCase(
            .delete, "/reviews/:id/vote", "/reviews/1/vote",
            gives: [401, 404, 204, 204, 204, 204, 401], onOneself: [204, 204, 204]),
        RouteCase(
            .put, "/reviews/:id/reply", "/reviews/1/reply", #"{"text":"thank you"}"#,
            gives: [401, 403, 403, 403, 200, 200, 401], onOneself: [403, 403, 403]),
        RouteCase(
            .delete, "/reviews/:id/reply", "/reviews/1/reply",
            gives: [401, 403, 403, 403, 204, 204, 401], onOneself: [403, 403, 403]),
        RouteCase(
            .get, "/customers/:username", "/customers/ada",
            gives: [401, 404, 200, 404, 200, 200, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .patch, "/customers/:username", "/customers/ada", #"{"age":36}"#,
            gives: [401, 404, 200, 404, 200, 200, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .get, "/customers/:username/wallet", "/customers/ada/wallet",
            gives: [401, 404, 200, 404, 200, 200, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .get, "/customers/:username/wallet/entries", "/customers/ada/wallet/entries",
            gives: [401, 404, 200, 404, 200, 200, 401], onOneself: [200, 200, 200]),
        RouteCase(
            .post, "/customers/:username/wallet/credit", "/customers/ada/wallet/credit",
            #"{"amount":1}"#, gives: [401, 404, 403, 404, 201, 201, 401],
            onOneself: [403, 403, 403]),
        RouteCase(
            .post, "/customers/:username/wallet/debit", "/customers/ada/wallet/debit",
            #"{"amount":1}"#, gives: [401, 404, 403, 404, 201, 201, 401],
            onOneself: [403, 403, 403]),
        RouteCase(.get, "/wishlist", "/wishlist", gives: [401, 200, 200, 200, 200, 200, 401]),
        RouteCase(
            .put, "/wishlist/:product_id", "/wishlist/1",
            gives: [401, 200, 200, 200, 200, 200, 401]),
        RouteCase(
            .delete, "/wishlist/:product_id", "/wishlist/2",
            gives: [401, 404, 204, 404, 404, 204, 401]),
        RouteCase(.get, "/events", "/events", gives: [401, 403, 403, 403, 200, 200, 401]),
        RouteCase(.get, "/inventory", "/inventory", gives: [200, 200, 200, 200, 200, 200, 401]),
        RouteCase(
            .post, "/inventory", "/inventory",
            #"{"name":"ink","category":"paper","price":1,"stock":5}"#,
            gives: [401, 403, 403, 403, 201, 201, 401]),
        RouteCase(
            .get, "/inventory/categories", "/inventory/categories",
            gives: [200, 200, 200, 200, 200, 200, 401]),
        RouteCase(
            .get, "/inventory/low-stock", "/inventory/low-stock",
            gives: [401, 403, 403, 403, 200, 200, 401]),
        RouteCase(
            .get, "/inventory/archived", "/inventory/archived",
            gives: [401, 403, 403, 403, 200, 200, 401]),
        RouteCase(
            .post, "/inventory/:id/restore", "/inventory/3/restore",
            gives: [401, 403, 403, 403, 200, 200, 401]),
        RouteCase(
            .get, "/inventory/:id", "/inventory/1", gives: [200, 200, 200, 200, 200, 200, 401]),
        RouteCase(
            .patch, "/inventory/:id", "/inventory/1", #"{"price":300}"#,
            gives: [401, 403, 403, 403, 200, 200, 401]),
        RouteCase(
            .delete, "/inventory/:id", "/inventory/1", gives: [401, 403, 403, 403, 204, 204, 401]),
        RouteCase(
            .post, "/inventory/:id/stock", "/inventory/1/stock", #"{"delta":-1,"reason":"broken"}"#,
            gives: [401, 403, 403, 403, 201, 201, 401]),
        RouteCase(
            .get, "/inventory/:id/movements", "/inventory/1/movements",
            gives: [401, 403, 403, 403, 200, 200, 401]),
        RouteCase(
            .post, "/sales", "/sales", #"{"items":[{"product_id":1,"quantity":1}]}"#,
            gives: [401, 201, 201, 201, 201, 201, 401]),
        RouteCase(.get, "/sales", "/sales", gives: [401, 200, 200, 200, 200, 200, 401]),
        RouteCase(
            .get, "/sales/:id", "/sales/1", gives: [401, 404, 200, 404, 200, 200, 401],
            onOneself: [200, 200, 200]),
        RouteCase(
            .post, "/reviews", "/reviews", #"{"product_id":2,"rating":4}"#,
            gives: [401, 201, 201, 201, 201, 201, 401]),
        RouteCase(.get, "/reviews", "/reviews", gives: [200, 200, 200, 200, 200, 200, 401]),
        RouteCase(
            .get, "/reviews/:id", "/reviews/1", gives: [404, 404, 200, 200, 200, 200, 401],
            onOneself: [200, 200, 200]),
        RouteCase(
            .post, "/reviews/:id/approve", "/reviews/1/approve",
            gives: [401, 403, 403, 200, 200, 200, 401], onOneself: [403, 403, 403]),
        RouteCase(
            .post, "/reviews/:id/reject", "/reviews/1/reject", #"{"reason":"rude"}"#,
            gives: [401, 403, 403, 200, 200, 200, 401], onOneself: [403, 403, 403]),
    ]

    /// Sends the request, optionally with more query parameters.
    func send(
        in shop: TestShop, as account: String?, query: String = "", fields: HTTPFields = [:]
    ) throws -> Response {
        try send(try content(in: shop), in: shop, as: account, query: query, fields: fields)
    }

    /// The body, with a refresh token or the code of a gift card that is valid in this shop; the
    /// token of a new cart for a route that claims one.
    func content(in shop: TestShop) throws -> String? {
        if claimsCart { return try shop.cartToken() }
        if body?.contains("GIFT") == true { return #"{"code":"\#(try shop.giftCardCode())"}"# }
        guard body?.contains("REFRESH") == true else { return body }
        return #"{"refresh_token":"\#(try shop.refreshToken())"}"#
    }

    /// Sends the request with a body from `content`.
    func send(
        _ content: String?, in shop: TestShop, as account: String?, query: String = "",
        fields: HTTPFields = [:]
    ) throws -> Response {
        let separator = target.contains("?") ? "&" : "?"
        let target = query.isEmpty ? target : "\(target)\(separator)\(query)"
        guard claimsCart, let name = RouteCase.cartField else {
            return try shop.send(method, target, as: account, content, fields: fields)
        }
        var fields = fields
        fields[name] = content
        return try shop.send(method, target, as: account, fields: fields)
    }
}

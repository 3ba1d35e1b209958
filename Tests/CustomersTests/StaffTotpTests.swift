import HTTP
import HTTPTypes
import Service
import TestShop
import Testing

/// `SOUK_STAFF_TOTP=1`: staff without a second factor can do nothing but enrol.
@Suite struct StaffTotpTests {
    @Test(arguments: ["mona", "sami", "adil"]) func onlyEnrollingIsOpen(account: String) throws {
        let shop = try TestShop(staffTotp: true)
        func code(_ method: HTTPRequest.Method, _ target: String, _ body: String? = nil) throws
            -> String?
        {
            let answer = try shop.send(method, target, as: account, body)
            #expect(answer.status.code == 403 || answer.status.kind == .successful)
            return try answer.json["code"]?.text
        }
        let closed: [(HTTPRequest.Method, String, String?)] = [
            (.get, "/customers/ada", nil), (.get, "/inventory", nil), (.get, "/reviews", nil),
            (.get, "/sales", nil), (.get, "/wishlist", nil), (.put, "/wishlist/1", nil),
            (.post, "/sales", #"{"items":[{"product_id":1,"quantity":1}]}"#),
            (.patch, "/customers/\(account)", #"{"age":30}"#),
            (.get, "/customers/\(account)/api-keys", nil),
            (.post, "/customers/\(account)/api-keys", ApiKeyTests.body),
            (.get, "/customers/\(account)/export", nil),
        ]
        for (method, target, body) in closed {
            #expect(try code(method, target, body) == "totp_enrollment_required", "\(target)")
        }
        #expect(try code(.get, "/customers/\(account)") == nil)
        let key = try shop.key(of: account)
        #expect(try shop.send(.get, "/inventory", key: key).code == "totp_enrollment_required")
        let login = try shop.send(
            .post, "/customers/login",
            #"{"username":"\#(account)","password":"correct horse"}"#)
        #expect(login.status.code == 200)
        // Then everything is open, also for the session from before.
        _ = try shop.enroll(account)
        for (method, target, body) in closed where method == .get && target != "/customers/ada" {
            #expect(try code(method, target, body) == nil, "\(target)")
        }
        #expect(try shop.send(.get, "/inventory", key: key).status.code == 200)
        try Scenario.Step(.post, "/customers/logout", as: account).succeeds(in: shop)
    }

    @Test func loggingOutIsOpen() throws {
        let shop = try TestShop(staffTotp: true)
        try Scenario.Step(.post, "/customers/logout", as: "sami").succeeds(in: shop)
    }

    @Test func customersNeedNone() throws {
        let shop = try TestShop(staffTotp: true)
        #expect(try shop.send(.get, "/sales", as: "ada").status.code == 200)
        #expect(try shop.send(.get, "/inventory").status.code == 200)
    }

    /// A promotion takes effect in the next request.
    @Test func aPromotedCustomerMustEnroll() throws {
        let shop = try TestShop(staffTotp: true)
        _ = try shop.enroll("adil")
        #expect(try shop.send(.get, "/sales", as: "ada").status.code == 200)
        try Scenario.Step(
            .put, "/customers/ada/role", as: "adil", #"{"role":"staff"}"#
        ).succeeds(in: shop)
        #expect(try shop.send(.get, "/sales", as: "ada").code == "totp_enrollment_required")
    }

    @Test func nothingIsRequiredByDefault() throws {
        let shop = try TestShop()
        #expect(try shop.send(.get, "/customers", as: "sami").status.code == 200)
    }
}

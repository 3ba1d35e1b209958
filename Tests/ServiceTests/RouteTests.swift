import HTTP
import HTTPTypes
import TestShop
import Testing

/// Which operation a path and a method select.
@Suite struct RouteTests {
    private static let shop = Result { try TestShop.furnished() }

    /// Every method that a known path does not support.
    @Test(arguments: Set(RouteCase.all.map(\.path)).sorted())
    func listsTheSupportedMethods(path: String) throws {
        let shop = try RouteTests.shop.get()
        let rows = RouteCase.all.filter { $0.path == path }
        let target = try #require(rows.first?.target)
        let known = Set(rows.map(\.method))
        var allowed = known.map(\.rawValue)
        if known.contains(.get) { allowed.append("HEAD") }
        let others: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        for method in others where !allowed.contains(method.rawValue) {
            let response = try shop.send(method, target)
            #expect(response.status == .methodNotAllowed, "\(method)")
            let allow = response.fields[.allow] ?? ""
            #expect(
                Set(allow.split(separator: ", ").map(String.init)) == Set(allowed), "\(method)")
            if method != .head {
                #expect(try response.json["code"] == .string("method_not_allowed"))
            }
        }
    }

    /// A reserved word of the API cannot be a username.
    @Test(arguments: ["login", "refresh", "logout"]) func reservesItsWords(word: String) throws {
        let shop = try RouteTests.shop.get()
        for method in [HTTPRequest.Method.get, .head, .patch, .delete] {
            let response = try shop.send(method, "/customers/\(word)", as: "adil", #"{"age":1}"#)
            #expect(response.status == .methodNotAllowed)
            #expect(response.fields[.allow] == "POST")
        }
    }

    @Test(arguments: [
        "", "/", "customers", "/nothing", "/customers/ada/wallet/entries/1", "/customers/",
        "/customers/ada/", "//customers/ada", "/customers//ada", "/customers/./ada",
        "/customers/../customers/ada", "/customers/..", "/customers/%2e%2e", "/customers/%2E%2e/x",
        "/customers/%2e/ada", "/customers/ada%2Fwallet", "/customers/ada%2fwallet",
        "/customers%2Fada", "/customers/%00", "/customers/ada%00", "/customers/ada%0a",
        "/customers/%", "/customers/%4", "/customers/%zz", "/customers/ada%", "/customers/%ff",
        "/customers/%c0%ae%c0%ae", "/customers/%ed%a0%80", "/Customers/ada", "/customers/ADA",
        "/customers/ada+", "/inventory/0", "/inventory/-1", "/inventory/01", "/inventory/+1",
        "/inventory/1.0", "/inventory/1e0", "/inventory/%201", "/inventory/9223372036854775807",
        "/inventory/9223372036854775808", "/inventory/99999999999999999999999", "/inventory/x",
        "/inventory/%D9%A1", "/sales/0", "/reviews/abc",
    ]) func knowsNothingElse(path: String) throws {
        let shop = try RouteTests.shop.get()
        let response = shop.send(
            Request(
                method: .get, path: path,
                fields: [.authorization: "Bearer \(try shop.token(of: "adil"))"], id: "1"))
        #expect(response.status == .notFound, "\(response.text)")
        #expect(response.fields[.contentType] == "application/problem+json")
    }

    @Test func decodesPathParameters() throws {
        let shop = try RouteTests.shop.get()
        let response = try shop.send(.get, "/customers/%61d%61", as: "ada")
        #expect(try response.json["username"] == .string("ada"))
    }

    @Test(arguments: RouteCase.all.filter(\.isSafe)) func answersHEADLikeGET(row: RouteCase) throws
    {
        let shop = try TestShop.furnished()
        for account in [nil, "adil"] {
            let get = try row.send(in: shop, as: account)
            let head = try shop.send(.head, row.target, as: account)
            #expect(head.status == get.status)
            #expect(head.body.isEmpty)
            var fields = head.fields
            #expect(fields[.contentLength] == String(get.body.count))
            fields[.contentLength] = nil
            #expect(fields == get.fields)
        }
    }

    /// RFC 9110 section 8.6: no length except that of the 200.
    @Test func answersHEADWith304() throws {
        let shop = try RouteTests.shop.get()
        let get = try shop.send(.get, "/inventory/1")
        let head = try shop.send(.head, "/inventory/1", fields: [.ifNoneMatch: "*"])
        #expect(head.status == .notModified)
        #expect([nil, String(get.body.count)].contains(head.fields[.contentLength]))
        #expect(head.fields[.eTag] == get.fields[.eTag])
    }
}

import HTTP
import HTTPTypes
import TestShop
import Testing

/// Strong validators, and conditional requests (RFC 9110 sections 8.8.3 and 13.1).
@Suite struct ETagTests {
    private static let shop = Result { try TestShop.furnished() }

    private func etag(_ shop: TestShop, _ target: String, as account: String?) throws -> String {
        let response = try shop.send(.get, target, as: account)
        return try #require(response.fields[.eTag], "\(target): \(response.text)")
    }

    @Test(arguments: RouteCase.all.filter(\.isSafe)) func validates(row: RouteCase) throws {
        // One request each, because an export writes an audit row, which changes the audit list.
        let shop = try TestShop.furnished()
        let whole = try row.send(in: shop, as: "adil")
        let etag = try #require(whole.fields[.eTag])
        #expect(etag.wholeMatch(of: /"[!#-~]+"/) != nil, "not a strong one: \(etag)")
        #expect(try row.send(in: shop, as: "adil").fields[.eTag] == etag)
        let same = [
            etag, "*", "W/\(etag)", "\"x\", \(etag)", "\(etag),\"x\"", "\"a\",W/\(etag) , \"b\"",
            " \(etag) ",
        ]
        let other = [
            "", "\"x\"", "x", String(etag.dropFirst().dropLast()), "W/\"x\"", "\"x\",\"y\"",
            "\"*\"", etag.uppercased() + "x", ",", "w/\(etag)",
        ]
        for list in same {
            let response = try row.send(in: shop, as: "adil", fields: [.ifNoneMatch: list])
            #expect(response.status == .notModified, "\(list)")
            #expect(response.body.isEmpty)
            #expect(response.fields[.eTag] == etag)
            #expect(response.fields[.contentType] == nil)
        }
        for list in other {
            let response = try row.send(in: shop, as: "adil", fields: [.ifNoneMatch: list])
            #expect(response.status == .ok, "\(list)")
            #expect(response.text == whole.text)
            #expect(response.fields[.eTag] == etag)
        }
    }

    /// `If-Match` uses strong comparison and is evaluated first (RFC 9110 section 13.2.2).
    @Test func returnsOnlyTheMatchingVersion() throws {
        let shop = try TestShop()
        let etag = try etag(shop, "/inventory/1", as: nil)
        for list in [etag, "*", "\"x\", \(etag)"] {
            let asked = try shop.send(.get, "/inventory/1", fields: [.ifMatch: list])
            #expect(asked.status == .ok, "\(list)")
            let both = try shop.send(
                .get, "/inventory/1", fields: [.ifMatch: list, .ifNoneMatch: etag])
            #expect(both.status == .notModified)
        }
        for list in ["\"x\"", "W/\(etag)", ""] {
            let other = try shop.send(
                .get, "/inventory/1", fields: [.ifMatch: list, .ifNoneMatch: etag])
            #expect(other.status == .preconditionFailed, "\(list)")
            #expect(other.text.contains(#""code":"precondition_failed""#))
        }
    }

    @Test func changesWithTheResource() throws {
        let shop = try TestShop()
        for target in ["/inventory/1", "/inventory", "/customers/ada"] {
            let before = try etag(shop, target, as: "sami")
            let change =
                target.hasPrefix("/inventory") ? #"{"price":\#(target.count)}"# : #"{"age":5}"#
            _ = try shop.send(
                .patch, target == "/inventory" ? "/inventory/2" : target, as: "sami", change)
            let after = try shop.send(.get, target, as: "sami", fields: [.ifNoneMatch: before])
            #expect(after.status == .ok)
            #expect(after.fields[.eTag] != before)
        }
    }

    @Test func isOnReadsOnly() throws {
        let shop = try ETagTests.shop.get()
        for target in ["/inventory/99", "/nothing", "/inventory?limit=0", "/customers/login"] {
            let response = try shop.send(.get, target, fields: [.ifNoneMatch: "*"])
            #expect(response.status.kind == .clientError)
            #expect(response.fields[.eTag] == nil)
        }
    }

    /// A method that changes a resource, and the path that reads the resource.
    static let changes:
        [(method: HTTPRequest.Method, target: String, read: String, body: String?)] = [
            (.patch, "/customers/ada", "/customers/ada", #"{"age":40}"#),
            (.patch, "/inventory/1", "/inventory/1", #"{"price":7}"#),
            (.delete, "/inventory/1", "/inventory/1", nil),
        ]

    @Test(arguments: changes.indices) func guardsAChange(index: Int) throws {
        let change = ETagTests.changes[index]
        for (form, matches) in [
            ("ETAG", true), ("*", true), (#""x", ETAG"#, true), (#"ETAG,"x""#, true),
            ("W/ETAG", false), (#""x""#, false), ("x", false), ("", false), (#"W/"x", "y""#, false),
            ("W/ETAG, W/ETAG", false), (#""*""#, false),
        ] {
            let shop = try TestShop()
            let list = form.replacing("ETAG", with: try etag(shop, change.read, as: "sami"))
            let before = try shop.dump()
            let response = try shop.send(
                change.method, change.target, as: "sami", change.body, fields: [.ifMatch: list])
            if matches {
                #expect(response.status.kind == .successful, "\(list): \(response.text)")
                #expect(try shop.dump() != before)
            } else {
                #expect(response.status == .preconditionFailed, "\(list): \(response.text)")
                #expect(try response.json["code"] == .string("precondition_failed"))
                #expect(try shop.dump() == before)
            }
        }
    }

    @Test(arguments: changes.indices) func rejectsAnOutdatedVersion(index: Int) throws {
        let change = ETagTests.changes[index]
        let shop = try TestShop()
        let stale = try etag(shop, change.read, as: "sami")
        let first = try shop.send(
            .patch, change.read, as: "sami", change.body ?? #"{"price":9}"#,
            fields: [.ifMatch: stale])
        #expect(first.status == .ok, "\(first.text)")
        let second = try shop.send(
            change.method, change.target, as: "sami", change.body, fields: [.ifMatch: stale])
        #expect(second.status == .preconditionFailed)
        // A condition on a resource that does not exist never holds.
        let absent = try shop.send(
            change.method,
            change.target.replacing("1", with: "99").replacing("ada", with: "nobody"),
            as: "sami", change.body, fields: [.ifMatch: "*"])
        #expect([.notFound, .preconditionFailed].contains(absent.status))
    }

    /// Of two clients that read the same version, one may write.
    @Test func letsOneOfManyWrite() throws {
        let shop = try TestShop()
        let etag = try etag(shop, "/inventory/1", as: "sami")
        let statuses = atOnce(16) { number in
            try? shop.send(
                .patch, "/inventory/1", as: "sami", #"{"price":\#(1000 + number)}"#,
                fields: [.ifMatch: etag]
            ).status.code
        }
        #expect(statuses.filter { $0 == 200 }.count == 1)
        #expect(statuses.filter { $0 == 412 }.count == 15)
    }

    /// A wish has no path that reads it, so it has no validator and a condition never holds.
    @Test(arguments: [HTTPRequest.Method.put, .delete]) func guardsAWish(method: HTTPRequest.Method)
        throws
    {
        let shop = try TestShop()
        _ = try shop.send(.put, "/wishlist/1", as: "ada")
        let before = try shop.dump()
        let response = try shop.send(
            method, "/wishlist/1", as: "ada", fields: [.ifMatch: #""stale""#])
        #expect(response.status == .preconditionFailed)
        #expect(try shop.dump() == before)
    }

    /// RFC 9110 section 13.1.2: the change applies only if the client does not have this
    /// representation.
    @Test(arguments: changes.indices) func honoursIfNoneMatchOnAChange(index: Int) throws {
        let change = ETagTests.changes[index]
        for (form, isRefused) in [("ETAG", true), ("*", true), ("W/ETAG", true), (#""x""#, false)] {
            let shop = try TestShop()
            let list = form.replacing("ETAG", with: try etag(shop, change.read, as: "sami"))
            let response = try shop.send(
                change.method, change.target, as: "sami", change.body, fields: [.ifNoneMatch: list])
            #expect((response.status == .preconditionFailed) == isRefused, "\(response.text)")
        }
    }

    @Test func asksForCreationByIfNoneMatch() throws {
        let shop = try TestShop()
        let put = {
            try shop.send(.put, "/wishlist/1", as: "ada", fields: [.ifNoneMatch: "*"]).status
        }
        #expect(try put() == .ok)
        #expect(try put() == .preconditionFailed)
    }

    @Test func evaluatesIfMatchBeforeIfNoneMatch() throws {
        let shop = try TestShop()
        let tag = try etag(shop, "/inventory/1", as: "sami")
        let both = try shop.send(
            .get, "/inventory/1", as: "sami", fields: [.ifMatch: tag, .ifNoneMatch: tag])
        #expect(both.status == .notModified)
        let first = try shop.send(
            .get, "/inventory/1", as: "sami", fields: [.ifMatch: #""x""#, .ifNoneMatch: tag])
        #expect(first.status == .preconditionFailed)
    }

    @Test func guardsAStepOfAnOrder() throws {
        let shop = try TestShop.furnished()
        let stale = try etag(shop, "/sales/1", as: "sami")
        let step = { (target: String, tag: String) in
            try shop.send(.post, target, as: "sami", fields: [.ifMatch: tag]).status
        }
        #expect(try step("/sales/1/ship", #""x""#) == .preconditionFailed)
        #expect(try step("/sales/1/ship", stale) == .ok)
        #expect(try step("/sales/1/deliver", stale) == .preconditionFailed)
        #expect(try step("/sales/1/deliver", etag(shop, "/sales/1", as: "sami")) == .ok)
    }

    /// The client relies on the condition, so an operation that evaluates none rejects it.
    @Test(
        arguments: [
            ("/sales", "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#),
            ("/customers/ada/wallet/credit", "sami", #"{"amount":5}"#),
            ("/customers/login", nil, #"{"username":"ada","password":"correct horse"}"#),
            ("/customers/logout", "ada", nil),
        ] as [(String, String?, String?)])
    func isRefusedIfNothingIsCompared(target: String, account: String?, body: String?) throws {
        for field in [HTTPField.Name.ifMatch, .ifNoneMatch] {
            let shop = try TestShop.furnished()
            if let account { _ = try shop.token(of: account) }
            let before = try shop.contents()
            let response = try shop.send(.post, target, as: account, body, fields: [field: "*"])
            #expect(response.status == .unprocessableContent, "\(response.text)")
            #expect(
                try response.json["errors"]?[0]?["field"]
                    == .string(field == .ifMatch ? "If-Match" : "If-None-Match"))
            #expect(try shop.contents() == before)
        }
    }
}

import Foundation
import HTTP
import TestShop
import Testing

/// `after` accepts only cursors of the same list.
@Suite struct CursorTests {
    private static let shop = Result {
        let shop = try TestShop.furnished()
        for number in 1...3 {
            _ = try shop.send(.put, "/wishlist/\(number % 2 + 1)", as: "ada")
            _ = try shop.send(
                .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#)
        }
        for account in ["ada", "ben"] {
            _ = try shop.send(.post, "/reviews", as: account, #"{"product_id":2,"rating":4}"#)
        }
        for review in 1...3 { _ = try shop.send(.post, "/reviews/\(review)/approve", as: "mona") }
        return shop
    }

    /// Lists with at least two items, in every sort order.
    static let lists =
        ["/sales", "/wishlist", "/customers/ada/wallet/entries", "/inventory/1/movements"]
        + ["created_at", "price", "name"].flatMap {
            ["/inventory?sort=\($0)", "/inventory?sort=-\($0)"]
        }
        + ["created_at", "rating"].flatMap { ["/reviews?sort=\($0)", "/reviews?sort=-\($0)"] }

    /// The `next` of a first page of one item.
    private func cursor(of list: String) throws -> String {
        let separator = list.contains("?") ? "&" : "?"
        let account = list.contains("movements") ? "adil" : "ada"
        let page = try CursorTests.shop.get().send(.get, "\(list)\(separator)limit=1", as: account)
        guard case .string(let cursor)? = try page.json["next"] else {
            throw TestFailure(description: "\(list): \(page.text)")
        }
        return cursor
    }

    @Test(arguments: lists) func isValidForItsOwnListOnly(list: String) throws {
        let shop = try CursorTests.shop.get()
        let cursor = try cursor(of: list)
        #expect(
            cursor.utf8.allSatisfy {
                Character(Unicode.Scalar($0)).isLetter || $0 < 0x3A || $0 == 0x5F
            },
            "unescaped in a URL: \(cursor)")
        for other in CursorTests.lists {
            let separator = other.contains("?") ? "&" : "?"
            let account = other.contains("movements") ? "adil" : "ada"
            let response = try shop.send(
                .get, "\(other)\(separator)after=\(cursor)", as: account)
            #expect(response.status.code == (other == list ? 200 : 422), "\(other)")
            if other != list {
                #expect(try response.json["errors"]?[0]?["field"] == .string("after"))
            }
        }
    }

    @Test(arguments: lists) func mustBeOneOfOurs(list: String) throws {
        let shop = try CursorTests.shop.get()
        let separator = list.contains("?") ? "&" : "?"
        let good = try cursor(of: list)
        let texts = [
            "", "abc", "%00", "=", "-", "%20", "null", "0", "%F0%9F%98%80", good + "x",
            good + "%00",
            "x" + good, String(good.dropLast(2)), good + "," + good, good.uppercased(),
            String(repeating: "A", count: 100_000),
        ]
        let parts = try JSON(parsing: Array(decoded(good).utf8))
        let (order, key, id) = (show(parts[0]), show(parts[1]), show(parts[2]))
        let encoded = [
            "[]", "{}", "null", "1", "\u{0}", "[\(order),\(key)]", "[\(order),\(key),\(id),1]",
            "[\(order),\(key),\"\(id)\"]", "[\(order),\(key),1.5]",
            "[\(order),\(key),9223372036854775808]", "[\(order),{},\(id)]", "[\(order),[],\(id)]",
            "[\(order),true,\(id)]", "[\(order),\(key == "null" ? "1" : "null"),\(id)]",
            "[\(order),\(key.first == "\"" ? "1" : "\"1\""),\(id)]", "[null,\(key),\(id)]",
            "[\"\",\(key),\(id)]", "[\"/x \",\(key),\(id)]",
        ].map { Data($0.utf8).base64EncodedString() }
        for text in texts + encoded {
            let response = try shop.send(.get, "\(list)\(separator)after=\(text)", as: "adil")
            #expect(response.status.code == 422, "\(text.prefix(80)): \(response.text)")
            #expect(try response.json["errors"]?[0]?["field"] == .string("after"))
        }
    }

    /// base64url without padding (RFC 4648 §5).
    private func decoded(_ cursor: String) throws -> String {
        let standard = cursor.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
        return String(
            decoding: try #require(Data(base64Encoded: standard + padding)), as: UTF8.self)
    }

    private func show(_ json: JSON?) -> String {
        switch json {
        case .string(let text)?: "\"\(text)\""
        case .integer(let number)?: "\(number)"
        default: "null"
        }
    }
}

import HTTP
import HTTPTypes
import TestShop
import Testing

extension TestShop {
    /// Sends a request about a cart: that of `token`, or else the account's own.
    func cart(
        _ method: HTTPRequest.Method = .get, _ path: String = "", _ body: String? = nil,
        token: String? = nil, as account: String? = nil
    ) throws -> Response {
        try send(
            method, "/sales/carts/mine\(path)", as: account, body,
            fields: token.map { .cart($0) } ?? [:])
    }

    /// The token of a new guest's cart with so many units of each product.
    func newCart(_ quantities: [(product: Int64, quantity: Int64)] = []) throws -> String {
        let made = try send(.post, "/sales/carts")
        let token = try #require(try made.json["token"]?.text, "\(made.text)")
        for (product, quantity) in quantities {
            try put(product, quantity, token: token)
        }
        return token
    }

    @discardableResult
    func put(_ product: Int64, _ quantity: Int64, token: String? = nil, as account: String? = nil)
        throws -> Response
    {
        let answer = try cart(
            .put, "/items/\(product)", #"{"quantity":\#(quantity)}"#, token: token, as: account)
        try #require(answer.status == .ok, "\(answer.text)")
        return answer
    }

    func checkOut(_ total: Int64, token: String? = nil, as account: String? = nil) throws
        -> Response
    {
        try cart(.post, "/checkout", #"{"expected_total":\#(total)}"#, token: token, as: account)
    }

    func count(_ table: String) throws -> Int { try contents()[table]?.count ?? -1 }
}

extension HTTPFields {
    static func cart(_ token: String) -> HTTPFields {
        guard let name = HTTPField.Name("Souk-Cart") else { return [:] }
        return [name: token]
    }
}

extension Response {
    /// The product ids and quantities of a cart, in the order of its lines.
    var quantities: [[Int64?]] {
        get throws {
            try json["items"]?.elements.map {
                [$0["product_id"]?.integer, $0["quantity"]?.integer]
            }
                ?? []
        }
    }

    /// The codes of a cart's problems.
    var problems: [String] {
        get throws { try json["problems"]?.elements.compactMap { $0["code"]?.text } ?? [] }
    }

    /// The codes of the faults of a problem.
    var faults: [String] {
        get throws { try json["errors"]?.elements.compactMap { $0["code"]?.text } ?? [] }
    }
}

import HTTP
import Service
import Storage

/// The parameters of `GET /customers`: newest first, or by what matched where `q` is given.
struct CustomerFilter: Input {
    let prefix: String?
    let role: Role?
    let status: CustomerStatus?
    let page: Page

    init(_ fields: inout Fields) {
        prefix = fields.optional("q", .line(1...120))
        role = fields.optional("role", .choice(.customer))
        status = fields.optional("status", .choice(Standing.active))?.status
        // The order has the prefix in its name: a cursor is good for no other.
        page =
            prefix.map {
                fields.page(by: .ascending("match \($0)", "match", from: $0.asciiLowercased))
            }
            ?? fields.page()
    }

    /// On the columns, or on expressions of them that no index serves, so that the engine keeps to
    /// the one that is in order.
    func conditions(indexed: Bool) -> [SQL] {
        let (roleColumn, statusColumn): (SQL, SQL) =
            indexed ? ("role", "status") : ("role || ''", "status || ''")
        return ["status <> 'erased'"]
            + [
                role.map { "\(roleColumn) = \($0)" }, status.map { "\(statusColumn) = \($0)" },
            ].compactMap { $0 }
    }
}

@Sendable func listCustomers(_ call: Call, _ filter: CustomerFilter) throws -> Response {
    let found = try call.read { tx in
        try filter.page.read { stretch in
            guard let prefix = filter.prefix else { return try newest(stretch, filter, in: tx) }
            return try matches(prefix, stretch, filter, in: tx)
        }
    }
    return filter.page.response(found, to: call, id: \.customer.id) { $0.match.stored }
}

/// A customer in a list, with the name under which they were found.
struct FoundCustomer: JSONWritable {
    let customer: Customer
    let match: String

    func write(to json: inout JSONWriter) { customer.write(to: &json) }
}

private func newest(
    _ stretch: Page.Stretch, _ filter: CustomerFilter, in tx: any Transaction
) throws -> [FoundCustomer] {
    try tx.all(
        """
        SELECT \(Customer.columns) FROM customers
        \((filter.conditions(indexed: true) + [stretch.condition]).conditions) \(stretch.end)
        """
    ) { FoundCustomer(customer: try Customer($0), match: "") }
}

/// Customers whose username or full name begins with `prefix`, in whatever case.
///
/// Two index ranges that the engine merges in order, each from where the page begins; whoever is in
/// the first is left out of the second. What `lower` does not know, beyond ASCII, must be written
/// as it stands in the name.
private func matches(
    _ prefix: String, _ stretch: Page.Stretch, _ filter: CustomerFilter, in tx: any Transaction
) throws -> [FoundCustomer] {
    let first = prefix.asciiLowercased
    let last = first + "\u{10FFFF}"
    let usernames =
        filter.conditions(indexed: false) + [
            stretch.condition(on: "username"), "username < \(last)",
        ]
    let names =
        filter.conditions(indexed: false) + [
            stretch.condition(on: "lower(full_name)"), "lower(full_name) < \(last)",
            "NOT (username >= \(first) AND username < \(last))",
        ]
    return try tx.all(
        """
        SELECT \(Customer.columns), username AS match FROM customers \(usernames.conditions)
        UNION ALL
        SELECT \(Customer.columns), lower(full_name) AS match FROM customers \(names.conditions)
        \(stretch.end)
        """
    ) { FoundCustomer(customer: try Customer($0), match: try $0["match"]) }
}

extension String {
    /// As SQL's `lower` has it.
    fileprivate var asciiLowercased: String {
        String(
            decoding: utf8.map {
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0
            },
            as: UTF8.self)
    }
}

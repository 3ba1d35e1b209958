import HTTP
import Service
import Storage
import Words

/// The parameters of `GET /customers`: newest first, or by what matched where `q` is given.
struct CustomerFilter: Input {
    let prefix: String?
    let role: Role?
    let status: CustomerStatus?
    let page: Page

    init(_ fields: inout Fields) {
        prefix = fields.optional("q", .typed(1...120))
        role = fields.optional("role", .choice(.customer))
        status = fields.optional("status", .choice(Standing.active))?.status
        // The order has the prefix in its name: a cursor is good for no other.
        page =
            prefix.map {
                fields.page(by: .ascending("match \($0)", "match", from: foldedKey($0)))
            }
            ?? fields.page()
    }

    /// For a list by id.
    var conditions: [SQL] {
        ["status <> 'erased'"]
            + [role.map { "role = \($0)" }, status.map { "status = \($0)" }].compactMap { $0 }
    }

    /// For a list in the order of names.
    ///
    /// Those above customer and those suspended are few among many, and have indexes in that order,
    /// which hold them alone. What nearly everybody is stands on an expression that no index
    /// serves, so that the engine keeps to one that is in order.
    var conditionsByName: [SQL] {
        if let role, role != .customer {
            return ["status <> 'erased'", "role = \(role)", "role <> 'customer'"]
                + (status.map { ["\(.unindexed)status = \($0)"] } ?? [])
        }
        let ofRole: [SQL] = role.map { ["\(.unindexed)role = \($0)"] } ?? []
        switch status {
        case .suspended?: return ["status = 'suspended'"] + ofRole
        case let status?: return ["\(.unindexed)status = \(status)"] + ofRole
        case nil: return ["status <> 'erased'"] + ofRole
        }
    }
}

@Sendable func listCustomers(_ filter: CustomerFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let found = try filter.page.read { range in
        guard let prefix = filter.prefix else { return try newest(range, filter, in: tx) }
        return try matches(prefix, range, filter, in: tx)
    }
    return filter.page.response(found, to: call, id: \.customer.id) { $0.match.stored }
}

/// A customer in a list, with the name under which they were found.
struct FoundCustomer: JSONWritable {
    let customer: Customer
    let match: String

    init(_ customer: Customer) {
        self.customer = customer
        match = ""
    }

    init(_ row: Row) throws {
        customer = try Customer(row)
        match = try row["match"]
    }

    /// By bytes, as SQL compares text, and then by id.
    func precedes(_ other: FoundCustomer) -> Bool {
        match.utf8.elementsEqual(other.match.utf8)
            ? customer.id < other.customer.id
            : match.utf8.lexicographicallyPrecedes(other.match.utf8)
    }

    func write(to json: inout JSONWriter) { customer.write(to: &json) }
}

private func newest(
    _ range: Page.KeysetRange, _ filter: CustomerFilter, in tx: any Transaction
) throws -> [FoundCustomer] {
    try tx.all(
        """
        SELECT \(Customer.columns) FROM customers
        \((filter.conditions + [range.condition]).conditions) \(range.end)
        """
    ) { FoundCustomer(try Customer($0)) }
}

/// Customers whose username or full name begins with `prefix`, whatever its case, accents and
/// composition.
///
/// Two index ranges, each from where the page begins; whoever is in the first is left out of the
/// second. Once the first has filled the page, the second is read no further than that, or it would
/// go through all who are left out: people call themselves after their names.
private func matches(
    _ prefix: String, _ range: Page.KeysetRange, _ filter: CustomerFilter, in tx: any Transaction
) throws -> [FoundCustomer] {
    let first = foldedKey(prefix)
    guard !first.isEmpty else { return [] }
    let last = first + "\u{10FFFF}"
    let usernames =
        filter.conditionsByName + [range.condition(on: "username"), "username < \(last)"]
    let byUsername = try tx.all(
        """
        SELECT \(Customer.columns), username AS match FROM customers
        \(usernames.conditions) \(range.end)
        """, FoundCustomer.init)
    // One bound and not both: an engine seeks by one and reads on to it.
    let isFull = byUsername.count == range.count
    let end: SQL =
        if isFull, let match = byUsername.last?.match {
            "name_key <= \(match)"
        } else {
            "name_key < \(last)"
        }
    let names =
        filter.conditionsByName + [
            range.condition(on: "name_key"), end,
            "NOT (username >= \(first) AND username < \(last))",
        ]
    let byName = try tx.all(
        """
        SELECT \(Customer.columns), name_key AS match FROM customers
        \(names.conditions) \(range.end)
        """, FoundCustomer.init)
    return Array(
        (byUsername + byName).sorted { $0.precedes($1) }.prefix(Int(range.count)))
}

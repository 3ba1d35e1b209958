import HTTP
import Service
import Storage
import Words

/// The parameters of `GET /customers`.
///
/// The list is sorted by id, newest first, or by the matching name if `q` is given. It has accounts,
/// or guests if `guest` is true; then `q` is the whole address of the guests.
struct CustomerFilter: Input {
    let prefix: String?
    let role: Role?
    let status: CustomerStatus?
    /// Whether guests are listed, and no accounts.
    let isOfGuests: Bool
    let page: Page

    init(_ fields: inout Fields) {
        prefix = fields.optional("q", .typed(1...120))
        role = fields.optional("role", .choice(.customer))
        status = fields.optional("status", .choice(Standing.active))?.status
        isOfGuests = fields.optional("guest", .flag) ?? false
        if isOfGuests, role != nil || status != nil {
            fields.fault("guest", "cannot be combined with role or status")
        }
        // The name of the order contains the prefix, so a cursor is valid only for that prefix.
        page =
            (isOfGuests ? nil : prefix).map {
                fields.page(by: .ascending("match \($0)", "match", from: foldedKey($0)))
            }
            ?? fields.page()
    }

    /// The conditions of a list by id.
    var conditions: [SQL] {
        if isOfGuests {
            return ["status <> 'erased'", "guest_email_key IS NOT NULL"]
                + (prefix.map { ["guest_email_key = \(emailKey($0))"] } ?? [])
        }
        return ["status <> 'erased'", "guest_email_key IS NULL"]
            + [role.map { "role = \($0)" }, status.map { "status = \($0)" }].compactMap { $0 }
    }

    /// The conditions of a list sorted by name.
    ///
    /// Customers with a higher role, and suspended ones, are few, and have partial indexes in that
    /// order. The common role and status are compared as expressions that no index serves. So the
    /// engine uses an index that is sorted by name.
    var conditionsByName: [SQL] {
        if let role, role != .customer {
            return ["status <> 'erased'", "role = \(role)", "role <> 'customer'"]
                + (status.map { ["\(.unindexed)status = \($0)"] } ?? [])
        }
        let ofRole: [SQL] = role.map { ["\(.unindexed)role = \($0)"] } ?? []
        switch status {
        case .suspended?: return ["status = 'suspended'"] + ofRole
        case let status?:
            return ["\(.unindexed)status = \(status)", "guest_email_key IS NULL"] + ofRole
        case nil: return ["status <> 'erased'", "guest_email_key IS NULL"] + ofRole
        }
    }
}

@Sendable func listCustomers(_ filter: CustomerFilter, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    let found = try filter.page.read { range in
        guard let prefix = filter.prefix, !filter.isOfGuests else {
            return try newest(range, filter, in: tx)
        }
        return try matches(prefix, range, filter, in: tx)
    }
    return filter.page.response(found, to: call, id: \.customer.id) { $0.match.stored }
}

/// A customer in a list, with the name that matched.
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

    /// Compares bytes, as SQL compares text, and then ids.
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

/// Returns customers whose username or full name begins with `prefix`.
///
/// Case, accents and Unicode composition do not matter. It reads two index ranges from the start of
/// the page. The second range leaves out the customers of the first. Once the first range has
/// filled the page, the second is read only up to the last name of the page. Otherwise a search
/// would read every customer whose username is also their name.
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
    // Only one bound, because an engine seeks to one bound and then reads up to the other.
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

import HTTP
import Service
import Storage
import Values

/// The handler of `GET /customers/{username}/export`, which returns all data about a person.
func exportCustomer(_ others: [PersonalData]) -> Route.OutsideHandler {
    let slots = ExportSlots(slots: 2)
    return { call in
        let account = try call.read { try customerForAdmin(of: call, in: $0, orGuest: true).id }
        return try slots.run(account) {
            // A write, because an export of another person's data adds a row to the audit log.
            try call.commit { tx in
                let customer = try customerForAdmin(of: call, in: tx, orGuest: true)
                try audit(.exported, of: customer.id, ownersToo: true, by: call, in: tx)
            }
            return .ok(
                try call.read {
                    try CustomerExport(
                        try customer(of: call, in: $0, orGuest: true), others, call, in: $0)
                })
        }
    }
}

private struct CustomerExport: JSONWritable {
    let customer: Customer
    let addresses: [SavedAddress]
    let sessions: [Session]
    let apiKeys: [ApiKeyRecord]
    let secondFactor: ShownSecondFactor?
    let failures: [ShownLoginFailures]
    let networks: [KnownNetwork]
    let tokens: [ExportedToken]
    let jobs: [ExportedJob]
    let wallet: [WalletEntry]
    let audit: [AuditEntry]
    let others: [(name: StaticString, rows: [any JSONWritable])]

    init(_ customer: Customer, _ others: [PersonalData], _ call: Call, in tx: any Transaction)
        throws
    {
        self.customer = customer
        addresses = try tx.all(
            SavedAddress.self, "WHERE customer_id = \(customer.id) ORDER BY id")
        // Ended sessions too, because their addresses are still stored.
        sessions = try tx.all(
            Session.self, "WHERE customer_id = \(customer.id) ORDER BY id", call.caller.session)
        apiKeys = try tx.all(
            ApiKeyRecord.self, "WHERE customer_id = \(customer.id) ORDER BY id")
        secondFactor = try ShownSecondFactor(of: customer.id, in: tx)
        failures = try ShownLoginFailures.all(of: customer.username, call, in: tx)
        networks = try KnownNetwork.all(of: customer.id, in: tx)
        tokens = try ExportedToken.all(of: customer.id, in: tx)
        // The orders of a claimed guest, and what belongs to them, have the id of the guest.
        let ids = [customer.id] + (try guests(claimedBy: customer.id, in: tx))
        jobs = try ids.flatMap { try ExportedJob.all(of: $0, in: tx) }
        wallet = try ids.flatMap { id in
            try tx.all(
                WalletEntry.self, "WHERE entry.customer_id = \(id) ORDER BY entry.id",
                call.shop.currency)
        }
        // Exports by the reader are left out, because each one would change the document and its
        // ETag.
        audit = try ids.flatMap { id in
            try tx.all(
                AuditEntry.self,
                """
                WHERE entry.customer_id = \(id)
                    AND NOT (entry.action = \(AuditAction.exported)
                        AND entry.actor_id = \(call.caller.id))
                ORDER BY entry.id
                """)
        }
        self.others = try others.compactMap { other in
            try other.name.map { name in (name, try ids.flatMap { try other.export($0, tx) }) }
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("profile", customer)
            json.field("addresses", addresses)
            json.field("sessions", sessions)
            json.field("api_keys", apiKeys)
            json.field("second_factor", secondFactor)
            json.field("login_failures", failures)
            json.field("login_networks", networks)
            json.field("one_time_tokens", tokens)
            json.field("jobs", jobs)
            json.field("wallet_entries", wallet)
            json.field("audit_entries", audit)
            for (name, rows) in others { json.field(name, Rows(rows: rows)) }
        }
    }
}

private struct Rows: JSONWritable {
    let rows: [any JSONWritable]

    func write(to json: inout JSONWriter) {
        rows.map(Element.init).write(to: &json)
    }

    private struct Element: JSONWritable {
        let value: any JSONWritable

        func write(to json: inout JSONWriter) { value.write(to: &json) }
    }
}

/// Failed logins as an export shows them.
struct ShownLoginFailures: JSONWritable {
    let rows: LoginFailures
    let now: Instant

    static func all(
        of username: String, _ call: Call, in tx: any Transaction
    ) throws -> [ShownLoginFailures] {
        try LoginDigest.names(username, call).flatMap {
            try LoginFailures.all("name_digest = \($0)", in: tx)
        }.map { ShownLoginFailures(rows: $0, now: call.now) }
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("networks", rows.ofAllNetworks ? "all" : "one")
            $0.field("failures", rows.failures)
            $0.field("last_failed_at", rows.lastFailedAt)
            $0.field("locked_until", isLock(rows.lockedUntil, at: now) ? rows.lockedUntil : nil)
        }
    }
}

/// When an account last logged in from a network, as an export shows it.
struct KnownNetwork: JSONWritable {
    let lastLoginAt: Instant

    static func all(of customer: Int64, in tx: any Transaction) throws -> [KnownNetwork] {
        try tx.all(
            """
            SELECT last_login_at FROM login_networks WHERE customer_id = \(customer)
            ORDER BY last_login_at
            """
        ) { KnownNetwork(lastLoginAt: try $0["last_login_at"]) }
    }

    func write(to json: inout JSONWriter) {
        json.object { $0.field("last_login_at", lastLoginAt) }
    }
}

/// The second factor of an account, as an export shows it: without its secret.
struct ShownSecondFactor: JSONWritable {
    let createdAt: Instant
    let confirmedAt: Instant?
    let recoveryCodes: Int64

    /// Nil if the account has none.
    init?(of customer: Int64, in tx: any Transaction) throws {
        let factor = try tx.first(SecondFactor.self, "WHERE customer_id = \(customer)")
        guard let factor else { return nil }
        let count = try tx.first(
            "SELECT COUNT(*) AS codes FROM recovery_codes WHERE customer_id = \(customer)")
        createdAt = factor.createdAt
        confirmedAt = factor.confirmedAt
        recoveryCodes = try count?["codes"] ?? 0
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.field("created_at", createdAt)
            $0.field("confirmed_at", confirmedAt)
            $0.field("unused_recovery_codes", recoveryCodes)
        }
    }
}

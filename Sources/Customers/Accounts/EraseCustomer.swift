import HTTP
import Outbox
import Service
import Storage

/// The handler of `DELETE /customers/{username}`; `others` may reject the erasure.
func eraseCustomer(_ others: [PersonalData]) -> Route.Handler {
    { call, tx in
        let customer = try customerForAdmin(of: call, in: tx, orGuest: true)
        try call.requireMatch(customer)
        try audit(.erased, of: customer.id, ownersToo: true, by: call, in: tx)
        for id in try guests(claimedBy: customer.id, in: tx) {
            let guest = try Customers.customer(named: "guest~\(id)", in: tx, orGuest: true)
            try erase(guest, others, call, in: tx)
        }
        try erase(customer, others, call, in: tx)
        return .noContent
    }
}

private func erase(
    _ customer: Customer, _ others: [PersonalData], _ call: Call, in tx: any Transaction
) throws {
    // First, while the account has its name.
    for other in others { try other.erase(customer.id, tx) }
    try eraseCustomer(customer, call, in: tx)
    try publishErasure(of: customer, by: call, in: tx)
}

/// Removes everything from an account that identifies a person.
///
/// This cannot be undone. Orders and ledgers stay, under a username that nobody can register.
///
/// - Throws: `Problem` 409 `wallet_not_empty`, 409 `last_admin`.
func eraseCustomer(_ customer: Customer, _ call: Call, in tx: any Transaction) throws {
    let erased = try keepingAnAdmin(in: tx) {
        try tx.first(
            """
            UPDATE customers SET username = \(erasedName(of: customer)), password_hash = '',
                email = NULL, email_key = NULL, email_verified_at = NULL, pending_email = NULL,
                guest_email = NULL, guest_email_key = NULL, claimed_by = NULL,
                full_name = 'erased', name_key = 'erased', age = NULL, address = NULL, gender = NULL,
                marital_status = NULL, role = 'customer', status = 'erased', updated_at = \(call.now)
            WHERE id = \(customer.id) AND balance = 0
            RETURNING \(Customer.columns)
            """)
    }
    guard erased != nil else {
        throw Problem.conflict("wallet_not_empty", "The wallet holds money. Debit it first.")
    }
    try tx.run(
        """
        DELETE FROM refresh_tokens WHERE session_id IN (
            SELECT id FROM sessions WHERE customer_id = \(customer.id)
        )
        """)
    try tx.run("DELETE FROM sessions WHERE customer_id = \(customer.id)")
    try tx.run("DELETE FROM api_keys WHERE customer_id = \(customer.id)")
    try removeSecondFactor(of: customer.id, in: tx)
    try tx.run("DELETE FROM addresses WHERE customer_id = \(customer.id)")
    try tx.run("DELETE FROM one_time_tokens WHERE customer_id = \(customer.id)")
    try eraseJobs(of: customer.id, in: tx)
    try tx.run("DELETE FROM login_networks WHERE customer_id = \(customer.id)")
    try forgetFailures(of: customer.username, call, in: tx)
    try tx.run("UPDATE wallet_entries SET note = NULL WHERE customer_id = \(customer.id)")
    try forgetAnswers(
        to: customer.id, at: "/customers/\(customer.username)",
        // The stored responses that showed the customer's data to staff.
        requests: try requests(about: customer.id, in: tx), in: tx)
}

private func erasedName(of customer: Customer) -> String { "erased~\(customer.id)" }

/// Removes the customer's data from past events, and tells other programs to do the same.
///
/// They know the customer by the id in their path, which is the same as in earlier events.
private func publishErasure(of customer: Customer, by call: Call, in tx: any Transaction) throws {
    let path = "/customers/\(erasedName(of: customer))"
    try eraseEvents(of: customer.id, at: customer.path, to: path, in: tx)
    try publish(
        .customerErased, on: path, Customer?.none, of: customer.id,
        by: customer.id == call.caller.id ? nil : call.caller.id, at: call.now, in: tx)
}

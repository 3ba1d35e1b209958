import Service
import Storage
import Values

/// Tells a customer about a login with a program that no earlier session used.
///
/// The first login of an account is no surprise.
func noticeNewDevice(of customer: Int64, _ call: Call, in tx: any Transaction) throws {
    let earlier = try tx.first(
        """
        SELECT id, EXISTS (
            SELECT 1 FROM sessions AS same
            WHERE same.customer_id = \(customer) AND same.user_agent = \(call.userAgent)
        ) AS is_known
        FROM sessions WHERE customer_id = \(customer) ORDER BY id LIMIT 1
        """)
    guard let earlier, try !(earlier["is_known"] as Bool) else { return }
    guard let account = try tx.first(Customer.self, "WHERE id = \(customer)") else { return }
    try notify(
        account, .newSignIn,
        values: [
            "time": call.now.rfc3339, "address": call.request.address, "device": call.userAgent,
        ], at: call.now, in: tx)
}

import Service
import Storage
import Values

/// Tells a customer about a login with a program that no earlier session used.
///
/// The first login of an account is no surprise.
func noticeNewDevice(of customer: Int64, _ call: Call, in tx: any Transaction) throws {
    func session(_ condition: SQL) throws -> Row? {
        try tx.first(
            """
            SELECT id FROM sessions WHERE customer_id = \(customer) \(condition)
            ORDER BY id LIMIT 1 \(.alone("sessions"))
            """)
    }
    guard try session("AND user_agent = \(call.userAgent)") == nil, try session("") != nil else {
        return
    }
    guard let account = try tx.first(Customer.self, "WHERE id = \(customer)") else { return }
    try notify(
        account, .newSignIn,
        values: [
            "time": call.now.rfc3339, "address": call.request.address, "device": call.userAgent,
        ], at: call.now, in: tx)
}

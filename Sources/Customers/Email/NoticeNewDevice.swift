import Service
import Storage
import Values

/// Tells a customer about a login from a program or a network that no earlier session used.
///
/// A program is the exact User-Agent, which a thief can copy. A network is that of a provider: a
/// phone often changes its address, but seldom its provider. A login with a known program from a
/// known network causes no message, also if they were not used together. The first login of an
/// account is no surprise.
///
/// It reads the sessions, of which an account has a limited number, and stores nothing of its own.
func noticeNewDevice(of customer: Int64, _ call: Call, in tx: any Transaction) throws {
    let network = providerNetwork(of: call.request.address)
    var (isFirst, knowsProgram, knowsNetwork) = (true, false, false)
    // Newest first: usually the last session is alike.
    try tx.each(
        """
        SELECT ip_address, user_agent FROM sessions WHERE customer_id = \(customer)
        ORDER BY id DESC \(.held("sessions"))
        """
    ) { row in
        isFirst = false
        let program: String = try row["user_agent"]
        if program.utf8.elementsEqual(call.userAgent.utf8) { knowsProgram = true }
        if try providerNetwork(of: row["ip_address"]) == network { knowsNetwork = true }
        return !(knowsProgram && knowsNetwork)
    }
    guard !isFirst, !(knowsProgram && knowsNetwork) else { return }
    guard let account = try tx.first(Customer.self, "WHERE id = \(customer)") else { return }
    try notify(
        account, .newSignIn,
        values: [
            "time": call.now.rfc3339, "address": call.request.address, "device": call.userAgent,
        ], at: call.now, in: tx)
}

/// Returns the part of an address that stays the same while a provider gives a client others.
///
/// It is half of `network(of:)`: 16 bits of IPv4, or 32 bits of IPv6, the smallest block that
/// providers usually get (RIPE-738 §5.1.2).
private func providerNetwork(of address: String) -> ArraySlice<UInt8> {
    let network = network(of: address)
    return network.prefix(network.count / 2)
}

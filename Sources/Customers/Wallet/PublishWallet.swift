import HTTP
import Outbox
public import Storage
public import Values

/// Records that staff or a gift card changed the balance of a wallet.
///
/// Other changes belong to an order or a payment, which have events of their own.
/// - Throws: `StoreError`.
public func publish(
    _ entry: WalletEntry, ofWallet customer: Int64, named username: String, by actor: Int64,
    at now: Instant, in tx: any Transaction
) throws {
    try publish(
        entry.amount > .zero ? .walletCredited : .walletDebited,
        on: "/customers/\(username)/wallet", PublishedWalletEntry(entry: entry), of: customer,
        by: actor, at: now, in: tx)
}

/// An entry without its actor: the event has the same one, and loses the name when it is erased.
private struct PublishedWalletEntry: JSONWritable {
    let entry: WalletEntry

    func write(to json: inout JSONWriter) {
        json.object { entry.writeMembers(to: &$0, withActor: false) }
    }
}

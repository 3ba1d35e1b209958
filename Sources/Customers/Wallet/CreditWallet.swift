import HTTP
import Service
import Storage

@Sendable func creditWallet(_ change: WalletChange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    try changeWallet(
        change, .creditedWallet, call, in: tx
    ) { customer in
        try creditWallet(
            change.amount, of: customer.id,
            for: .init(.credited, by: call.caller.id, note: change.note, at: call.now), in: tx)
        return try newestWalletEntry(
            of: customer.id, in: tx, currency: call.shop.currency)
    }
}

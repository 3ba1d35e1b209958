import HTTP
import Service
import Storage

@Sendable func debitWallet(_ change: WalletChange, _ call: Call, in tx: any Transaction) throws
    -> Response
{
    try changeWallet(
        change, .debitedWallet, call, in: tx
    ) { customer in
        try debitWallet(
            change.amount, of: customer.id,
            for: .init(.debited, by: call.caller.id, note: change.note, at: call.now), in: tx)
        return try newestWalletEntry(
            of: customer.id, in: tx, currency: call.shop.currency)
    }
}

import HTTP
import Service
import Storage

@Sendable func listTaxRates(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(Listing(try allTaxRates(in: tx)))
}

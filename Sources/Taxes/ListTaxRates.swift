import HTTP
import Service
import Storage

@Sendable func listTaxRates(_ call: Call, in tx: any Transaction) throws -> Response {
    .ok(try TaxRateSet(in: tx))
}

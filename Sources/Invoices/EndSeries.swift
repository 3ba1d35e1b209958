import Customers
public import Storage
public import Values

/// Ends the open series, so that the next document opens another one.
///
/// For a database that returned to an earlier state unnoticed, such as by a snapshot of the machine.
/// Its storage identity is the same, so the open series would give numbers twice. See
/// docs/decisions/0008.
///
/// - Returns: the number of the last document of the series; nil if the next document opens a series
///   anyway.
/// - Throws: `StoreError`.
public func endInvoiceSeries(at now: Instant, on store: some Store) throws -> String? {
    try store.write { tx in
        let series = try InvoiceSeries(at: now, in: tx)
        guard !series.isNew else { return nil }
        // The name is chosen with the first document. If the database is set back once more before
        // that, the next name is another one.
        try tx.run("UPDATE invoice_series SET storage = NULL WHERE id = 1")
        try auditOperator(
            .endedInvoiceSeries, of: nil, on: "/sales/invoices", before: series.last.text,
            after: nil, at: now, in: tx)
        return series.last.text
    }
}

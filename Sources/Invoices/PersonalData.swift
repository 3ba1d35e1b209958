public import Customers
import HTTP
import Service
import Storage

/// The invoices and credit notes of a person's orders.
///
/// The law requires a shop to keep them unchanged, so an erasure leaves them.
public let personalData: [PersonalData] = [
    PersonalData("invoices") { customer, tx in
        try tx.all(
            """
            SELECT \(StoredDocument.columns) FROM orders \(.orderedJoin) invoices
            WHERE orders.customer_id = \(customer) AND invoices.order_id = orders.id
            ORDER BY orders.created_at, orders.id, invoices.id
            """
        ) { try StoredDocument($0) }
    }
]

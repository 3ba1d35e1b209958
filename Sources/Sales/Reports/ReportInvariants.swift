import Storage

/// The invariants of the sums of payment methods and taxes.
let reportInvariants: [Invariant] = [
    Invariant(
        "A payment method's daily sums match its orders and their refunds.",
        sums: ["orders", "gross", "refunded"], of: "day, method",
        in: """
            \(salesByDayAndMethod)
            UNION ALL
            SELECT \(day(of: "orders.paid_at")), payment_method, -1, -total, 0
            FROM orders WHERE paid_at IS NOT NULL
            UNION ALL
            SELECT day, method, 0, 0, -refunded FROM (\(methodRefunds)) AS refunds
            """,
        subject: "'day ' || day || ' method ' || method"),
    Invariant(
        "A tax rate's daily sums match the lines and the shipping of orders and of refunds.",
        sums: ["net", "tax", "refunded_net", "refunded_tax"], of: "day, country, region, rate",
        in: """
            \(taxesByDay)
            UNION ALL
            SELECT day, country, region, rate, -net, -tax, 0, 0
            FROM (\(orderTaxes(of: "orders.paid_at IS NOT NULL"))) AS charged
            UNION ALL
            SELECT day, country, region, rate, 0, 0, -refunded_net, -refunded_tax
            FROM (\(refundTaxes)) AS refunds
            """,
        subject: "'day ' || day || ' ' || country || ' ' || region || ' ' || rate"),
]

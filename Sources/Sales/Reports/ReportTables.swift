import Storage

/// The sums of payment methods and of taxes.
///
/// `country` and `region` are empty for an order without a destination. `net` and `tax` are those of
/// the orders that were paid on the day, `refunded_net` and `refunded_tax` those of its refunds.
///
/// A shop with orders has the name of its time zone removed, so that `souk migrate` adds everything
/// up again (`setReportZone`).
let methodAndTaxTables: [SQL] = [
    """
    CREATE TABLE sales_by_day_and_method (
        day \(.int64) NOT NULL,
        method TEXT NOT NULL,
        orders \(.int64) NOT NULL,
        gross \(.int64) NOT NULL,
        refunded \(.int64) NOT NULL,
        PRIMARY KEY (day, method)
    ) \(.keyed)
    """,
    """
    CREATE TABLE taxes_by_day (
        day \(.int64) NOT NULL,
        country TEXT NOT NULL,
        region TEXT NOT NULL,
        rate \(.int64) NOT NULL,
        net \(.int64) NOT NULL,
        tax \(.int64) NOT NULL,
        refunded_net \(.int64) NOT NULL,
        refunded_tax \(.int64) NOT NULL,
        PRIMARY KEY (day, country, region, rate)
    ) \(.keyed)
    """,
    "UPDATE report_zone SET name = '' WHERE EXISTS (SELECT id FROM orders)",
    """
    CREATE INDEX orders_unpaid ON orders (total)
        WHERE payment_status = 'unpaid' AND status <> 'cancelled'
    """,
]

public import Storage

/// The tables of tax rates.
///
/// No other slice writes them.
public let tables: [Migration] = [Migration("taxes/1 tax rates", rateTables)]

private let rateTables: [SQL] = [
    // A row with a region wins over the one of its country, whose `region_key` is empty. Regions
    // are compared by `region_key`, their name in lower case. Orders keep copies of the rates.
    """
    CREATE TABLE tax_rates (
        country TEXT NOT NULL,
        region_key TEXT NOT NULL,
        class TEXT NOT NULL,
        region TEXT,
        rate \(.int64) NOT NULL CONSTRAINT tax_rates_rate CHECK (rate BETWEEN 0 AND 10000),
        name TEXT NOT NULL,
        PRIMARY KEY (country, region_key, class)
    ) \(.keyed)
    """,
    // One row. A change of the rates locks it, because the rates may have no row to lock.
    "CREATE TABLE tax_rate_changes (count \(.int64) NOT NULL) \(.strict)",
    "INSERT INTO tax_rate_changes (count) VALUES (0)",
]

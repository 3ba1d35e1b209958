public import Storage

/// The tables of invoices.
///
/// No other slice writes them.
public let tables: [Migration] = [
    Migration("invoices/1 invoices and credit notes", invoiceTables)
]

private let invoiceTables: [SQL] = [
    // One row: the open series with its last number. Who issues a document locks it until the
    // document is stored, so numbers have no gaps. `storage` is the place of the database
    // (`Transaction.storageIdentity`) in which the series was opened; NULL before the first document.
    """
    CREATE TABLE invoice_series (
        id \(.int64) PRIMARY KEY CONSTRAINT invoice_series_id CHECK (id = 1),
        name TEXT NOT NULL,
        storage TEXT,
        year \(.int64) NOT NULL,
        last_number \(.int64) NOT NULL,
        last_hash TEXT
    ) \(.strict)
    """,
    "INSERT INTO invoice_series (id, name, year, last_number) VALUES (1, '', 0, 0)",
    // Rows are never changed. `body` is the document as JSON, and `hash` its SHA-256 in hexadecimal
    // digits. `refund_event_id` is the refund of a credit note.
    """
    CREATE TABLE invoices (
        id \(.serial),
        series TEXT NOT NULL,
        year \(.int64) NOT NULL,
        number \(.int64) NOT NULL CONSTRAINT invoices_number CHECK (number >= 1),
        kind TEXT NOT NULL
            CONSTRAINT invoices_kind CHECK (kind = 'invoice' OR kind = 'credit_note'),
        order_id \(.int64) NOT NULL REFERENCES orders (id),
        refund_event_id \(.int64) REFERENCES order_events (id),
        total \(.int64) NOT NULL
            CONSTRAINT invoices_total CHECK (total BETWEEN 0 AND 1000000000000000),
        tax \(.int64) NOT NULL,
        currency TEXT NOT NULL,
        issued_at \(.int64) NOT NULL,
        body TEXT NOT NULL,
        hash TEXT NOT NULL,
        previous_hash TEXT,
        CONSTRAINT invoices_refund_event CHECK (
            (kind = 'credit_note') = (refund_event_id IS NOT NULL))
    ) \(.strict)
    """,
    """
    CREATE UNIQUE INDEX invoices_series_year_number_key ON invoices (series, year, number)
    """,
    "CREATE INDEX invoices_by_order ON invoices (order_id, id)",
    "CREATE INDEX invoices_by_age ON invoices (issued_at, id)",
    """
    CREATE UNIQUE INDEX invoices_order_id_key ON invoices (order_id) WHERE kind = 'invoice'
    """,
    """
    CREATE UNIQUE INDEX invoices_refund_event_id_key ON invoices (refund_event_id)
        WHERE refund_event_id IS NOT NULL
    """,
]

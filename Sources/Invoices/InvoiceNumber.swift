import Service
import Storage
import Values

/// The number of an invoice or a credit note: `BQJXKD-2026-000001`.
struct InvoiceNumber: Sendable, Equatable {
    /// Capital letters.
    let series: String
    let year: Int64
    /// From 1, without gaps in a series and year.
    let number: Int64

    /// The number as it is printed, with at least six digits.
    var text: String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, 6 - digits.utf8.count))
        return "\(series)-\(year)-\(zeros)\(digits)"
    }
}

extension InvoiceNumber {
    /// Reads a printed number; nil if it has another form.
    init?(text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard text.utf8.count <= 60, parts.count == 3, let series = String(parts[0]),
            let year = String(parts[1]).flatMap({ Int64($0) }),
            let number = String(parts[2]).flatMap({ Int64($0) })
        else { return nil }
        self.init(series: series, year: year, number: number)
        guard self.text == text else { return nil }
    }
}

/// The open series, locked by the transaction that issues a document.
struct InvoiceSeries: Sendable {
    private(set) var name: String
    private(set) var year: Int64
    private(set) var lastNumber: Int64
    /// The hash of the last document; nil for the first of the series.
    private(set) var lastHash: String?
    private let storage: String

    /// Locks the open series, or opens one.
    ///
    /// A new series begins in a database without documents, and in a database that is stored in
    /// another place than the one that opened the series: after a restore, after the promotion of a
    /// standby, and in a copy. A number that was given before the loss of data can therefore not be
    /// given again. See docs/decisions/0008.
    init(at now: Instant, in tx: any Transaction) throws {
        let row = try tx.first(
            """
            SELECT name, storage, year, last_number, last_hash FROM invoice_series
            WHERE id = 1 \(.alone("invoice_series"))
            """)
        guard let row else { throw StoreError.schema("The table invoice_series has no row.") }
        storage = try tx.storageIdentity()
        name = try row["name"]
        if try row["storage"] as String? == storage {
            year = try row["year"]
            lastNumber = try row["last_number"]
            lastHash = try row["last_hash"]
        } else {
            name = InvoiceSeries.name(openedAt: now, after: name)
            (year, lastNumber) = (0, 0)
        }
    }

    /// Whether it has no document yet.
    var isNew: Bool { lastNumber == 0 }

    /// The number of the last document.
    var last: InvoiceNumber { InvoiceNumber(series: name, year: year, number: lastNumber) }

    /// The number of the next document that is issued in `year`.
    ///
    /// Years do not go back, even if the clock does.
    func next(in year: Int64) -> InvoiceNumber {
        let year = max(year, self.year)
        return InvoiceNumber(
            series: name, year: year, number: year == self.year ? lastNumber + 1 : 1)
    }

    /// The time of issue of the next document.
    ///
    /// An issuer may have read the clock before another one got the lock first. A document is never
    /// older than the one before it, so the list by the time of issue is in the order of the numbers.
    func timeOfNext(at now: Instant, in tx: any Transaction) throws -> Instant {
        let row = try tx.first(
            """
            SELECT issued_at FROM invoices
            WHERE series = \(name) AND year = \(year) AND number = \(lastNumber)
            """)
        return try row.map { max(now, try $0["issued_at"]) } ?? now
    }

    /// Makes a document the last one.
    mutating func add(_ number: InvoiceNumber, hash: String) {
        (year, lastNumber, lastHash) = (number.year, number.number, hash)
    }

    /// Stores which document is the last one.
    func save(in tx: any Transaction) throws {
        try tx.run(
            """
            UPDATE invoice_series SET name = \(name), storage = \(storage), year = \(year),
                last_number = \(lastNumber), last_hash = \(lastHash.stored)
            WHERE id = 1
            """)
    }
}

extension InvoiceSeries {
    /// The start of 2026 in seconds since 1970.
    private static let epoch: Int64 = 1_767_225_600

    /// The name of a series: the seconds since 2026 in letters, six until October 2035.
    ///
    /// Consecutive names such as A, B, C would repeat: the same backup can be restored twice, and
    /// nothing in it knows of the first time. Names ascend, so `former` is skipped if the clock went
    /// back.
    static func name(openedAt now: Instant, after former: String) -> String {
        let seconds = max(0, now.milliseconds / 1000 - epoch)
        return letters(max(seconds, number(former) + 1))
    }

    private static func letters(_ number: Int64) -> String {
        var (rest, letters): (Int64, [UInt8]) = (number, [])
        while rest > 0 || letters.count < 6 {
            letters.insert(UInt8(ascii: "A") + UInt8(rest % 26), at: 0)
            rest /= 26
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// The number of a name; -1 for the empty name before the first series.
    private static func number(_ name: String) -> Int64 {
        name.isEmpty
            ? -1 : name.utf8.reduce(0) { $0 &* 26 &+ Int64($1) &- Int64(UInt8(ascii: "A")) }
    }
}

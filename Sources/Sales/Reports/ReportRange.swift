import HTTP
import Service
import Storage
import Values

/// The parameters of a report: its first and last day in the shop's time zone.
///
/// By default a report shows the last thirty days.
struct ReportRange: Input {
    let from: Day?
    let to: Day?

    init(_ fields: inout Fields) {
        from = fields.optional("from", .day)
        to = fields.optional("to", .day)
        if let from, let to, from > to { fields.fault("from", "must not be after to") }
    }

    /// Returns the first and the last day of a report that is requested on `today`.
    func days(today: Day) -> (first: Day, last: Day) {
        let last = to ?? max(today, from ?? today)
        return (from ?? last.adding(days: -29), last)
    }
}

/// The delays between the attempts of a delivery.
public struct RetrySchedule: Sendable {
    /// The delays in seconds: 5 s, 1, 5 and 30 min, 2, 5, 10, 14, 20 and 24 h.
    public static let standardSeconds: [Int64] = [
        5, 60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]

    private let seconds: [Int64]
    private let random: @Sendable () -> Double

    /// Creates a schedule.
    /// - Parameters:
    ///   - seconds: the delay after each failed attempt.
    ///   - random: a number from 0 to 1, with which each delay is changed by up to a tenth, so that
    ///     the retries after an outage do not all come at once.
    public init(
        _ seconds: [Int64] = standardSeconds,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        self.seconds = seconds
        self.random = random
    }

    /// The delay in seconds after so many failed attempts, from 1; nil after the last one.
    func delaySeconds(after failures: Int64) -> Int64? {
        guard failures >= 1, failures <= seconds.count else { return nil }
        return Int64((Double(seconds[Int(failures) - 1]) * (0.9 + 0.2 * random())).rounded())
    }
}

import Service
import Storage

extension Check<Int64> {
    /// A rate in basis points.
    static let taxRate = Check.integer(0...10_000)
}

import Foundation

/// Random numbers that a seed repeats: SplitMix64 (Steele, Lea, Flood 2014).
public struct SeededRandom: Sendable {
    private var state: UInt64

    /// The same seed gives the same numbers.
    public init(seed: UInt64) { state = seed }

    /// The seed in `SOUK_TESTS_SEED`, to repeat a failed run; otherwise a new one.
    public static var seed: UInt64 {
        ProcessInfo.processInfo.environment["SOUK_TESTS_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(in: 0 ... .max)
    }

    /// A number from 0 to `bound` - 1.
    public mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}

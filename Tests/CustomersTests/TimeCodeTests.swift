import Testing
import Values

@testable import Customers

/// The test vectors of RFC 6238 appendix B for SHA-1; the last 6 of their 8 digits.
@Suite struct TimeCodeTests {
    static let secret = Array("12345678901234567890".utf8)

    @Test(
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"),
            (1_234_567_890, "005924"), (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)]) func isThatOfTheStandard(seconds: Int64, code: String)
    {
        let now = Instant(milliseconds: seconds * 1000)
        #expect(TimeCode.step(of: code, secret: Self.secret, at: now) == seconds / 30)
        // One step before and after, and no more.
        for (steps, isGood) in [(-2, false), (-1, true), (1, true), (2, false)] as [(Int64, Bool)] {
            let other = now.adding(seconds: 30 * steps)
            guard other.milliseconds > 0 else { continue }
            let step = TimeCode.step(of: code, secret: Self.secret, at: other)
            #expect(step == (isGood ? seconds / 30 : nil), "\(steps)")
        }
    }

    @Test(arguments: ["", "28708", "2870822", "28708x", "-87082", "２８７０８２"])
    func rejectsOtherText(code: String) {
        let now = Instant(milliseconds: 59_000)
        #expect(TimeCode.step(of: code, secret: Self.secret, at: now) == nil)
    }

    @Test func showsTheSecretInBase32() {
        #expect(TimeCode.text(of: Self.secret) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(TimeCode.randomSecret().count == 20)
        #expect(TimeCode.randomSecret() != TimeCode.randomSecret())
    }
}

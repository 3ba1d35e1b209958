import HTTP
import TestShop
import Testing

extension TestShop {
    /// Plays random steps, whose expected status a model knows; `note` gets each response.
    func play(
        _ count: Int, seed: UInt64, _ next: () throws -> (step: Scenario.Step, status: Int),
        note: (Response) throws -> Void = { _ in }
    ) throws {
        for number in 0..<count {
            clock.pass(seconds: 1)
            if number % 300 == 0 { forgetTokens() }
            let (step, expected) = try next()
            let answer = try send(step)
            try #require(
                answer.status.code == expected,
                "seed \(seed), number \(number): \(step), \(answer.text)")
            try note(answer)
        }
    }
}

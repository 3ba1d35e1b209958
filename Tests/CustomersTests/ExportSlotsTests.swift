import HTTP
import HTTPTypes
import Testing

@testable import Customers

@Suite struct ExportSlotsTests {
    @Test func runsTwoAtATimeAndOneOfEachAccount() throws {
        let slots = ExportSlots(slots: 2)
        try slots.run(1) {
            expect(.tooManyRequests, "export_in_progress") { try slots.run(1) {} }
            try slots.run(2) {
                expect(.tooManyRequests, "export_in_progress") { try slots.run(2) {} }
                expect(.serviceUnavailable, "unavailable") { try slots.run(3) {} }
            }
            try slots.run(3) {}
        }
        try slots.run(1) {}
    }

    /// A failed export releases its slot.
    @Test func isFreeAfterAFailure() throws {
        let slots = ExportSlots(slots: 1)
        #expect(throws: Problem.self) { try slots.run(1) { throw Problem.fault } }
        try slots.run(2) {}
    }

    private func expect(
        _ status: HTTPResponse.Status, _ code: String, _ body: () throws -> Void
    ) {
        let problem = #expect(throws: Problem.self) { try body() }
        #expect(problem?.status == status && problem?.code == code)
        #expect(problem?.fields[.retryAfter] == "1")
    }
}

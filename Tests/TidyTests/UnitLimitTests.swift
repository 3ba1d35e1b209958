import Foundation
import Testing

/// Every unit has an upper bound on memory and tasks, and reports its failure.
@Suite struct UnitLimitTests {
    private func units() throws -> [String: String] {
        let folder = Project.folder.appending(path: "systemd")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".service") }
        return try Dictionary(
            names.map {
                ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
            }, uniquingKeysWith: { one, _ in one })
    }

    @Test func everyUnitIsBounded() throws {
        let units = try units()
        #expect(units.count >= 4)
        for (name, text) in units {
            for directive in ["MemoryHigh=", "MemoryMax=", "TasksMax="] {
                #expect(text.contains("\n\(directive)"), "\(name) \(directive)")
            }
        }
    }

    /// systemd restarts a responder forever, so it never fails; a job that ends can fail.
    @Test func everyJobReportsItsFailure() throws {
        for (name, text) in try units()
        where text.contains("Type=oneshot") && name != "soukfailed@.service" {
            #expect(text.contains("\nOnFailure=soukfailed@%n.service\n"), "\(name)")
        }
    }
}

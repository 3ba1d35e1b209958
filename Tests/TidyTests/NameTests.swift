import Foundation
import Testing

@Suite struct NameTests {
    /// The tables of contents that every slice has.
    static let shared: Set<String> = [
        "main.swift", "Routes.swift", "Tables.swift", "Invariants.swift", "PersonalData.swift",
        "AuditActions.swift", "Checks.swift",
    ]

    @Test func filesHaveNamesOfTheirOwn() {
        var files: [String: String] = [:]
        for file in Project.swiftFiles(below: "Sources") + Project.swiftFiles(below: "Tests") {
            let name = String(file.split(separator: "/").last ?? "")
            guard !Self.shared.contains(name) else { continue }
            if let other = files.updateValue(file, forKey: name) {
                Issue.record("\(file) and \(other) have one name")
            }
        }
        #expect(files.count > 300)
    }

    /// A folder with more files needs a sub-folder for each subject.
    @Test func foldersHaveAtMost15Files() {
        let folders = Dictionary(grouping: Project.swiftFiles(below: "Sources")) { file in
            file.split(separator: "/").dropLast().joined(separator: "/")
        }
        for (folder, files) in folders where folder != "Sources/Launch" {
            #expect(files.count <= 15, "\(folder) has \(files.count) files")
        }
    }
}

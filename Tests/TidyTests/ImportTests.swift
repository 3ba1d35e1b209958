import Testing

@Suite struct ImportTests {
    /// Modules of the toolchain that every target may import.
    ///
    /// Foundation is not one of them: with its ICU it would make each program four times as large.
    static let system: Set<String> = ["Swift", "Glibc", "Synchronization", "FoundationEssentials"]
    static let forTests: Set<String> = ["Foundation", "Testing", "Dispatch"]

    @Test func targetsImportWhatTheyDeclare() throws {
        let targets = Manifest(try Project.text("Package.swift")).targets
        #expect(targets.count > 20)
        for target in targets {
            var allowed = target.dependencies.union(Self.system)
            if target.folder.hasPrefix("Tests/") { allowed.formUnion(Self.forTests) }
            for file in Project.swiftFiles(below: target.folder) {
                let undeclared = imports(in: try Project.text(file)).subtracting(allowed)
                #expect(undeclared == [], "\(file) imports what Package.swift does not declare")
            }
        }
    }

    @Test func targetsAreBelowWhatTheyImport() throws {
        let targets = Manifest(try Project.text("Package.swift")).targets
        let names = targets.map(\.name)
        for (place, target) in targets.enumerated() {
            let below = target.dependencies.intersection(names[place...])
            #expect(below == [], "\(target.name) depends on a target below it in Package.swift")
        }
    }

    @Test func everyFileBelongsToATarget() throws {
        let folders = Manifest(try Project.text("Package.swift")).targets.map(\.folder)
        for file in Project.swiftFiles(below: "Sources") + Project.swiftFiles(below: "Tests") {
            #expect(folders.contains { file.hasPrefix($0 + "/") }, "\(file) is in no target")
        }
    }

    @Test func typesDoNotHaveTheirModulesName() throws {
        let type = #/\b(?:struct|class|enum|actor|protocol|typealias)\s+(\w+)/#
        for target in Manifest(try Project.text("Package.swift")).targets
        where target.folder.hasPrefix("Sources/") {
            for file in Project.swiftFiles(below: target.folder) {
                let code = SwiftCode(try Project.text(file)).text
                let names = code.matches(of: type).map { String($0.output.1) }
                #expect(
                    !names.contains(target.name),
                    "\(file): then \(target.name).x would mean the type's x and not the module's")
            }
        }
    }

    @Test func onlyOneTargetKnowsEachLibrary() throws {
        for file in Project.swiftFiles(below: "Sources") {
            let text = try Project.text(file)
            let saysSQLite = text.contains("sqlite3_")
            #expect(!saysSQLite || file.hasPrefix("Sources/StorageSQLite/"), "\(file)")
            let saysPQ = text.contains(#/\bPQ[a-z]/#)
            #expect(!saysPQ || file.hasPrefix("Sources/StoragePostgres/"), "\(file)")
            let saysCurl = text.contains("curl_")
            let isCurl = file.hasPrefix("Sources/Curl/")
            #expect(!saysCurl || isCurl, "\(file)")
            let saysFastCGI = text.contains("FCGX")
            #expect(!saysFastCGI || file.hasPrefix("Sources/FastCGI/"), "\(file)")
        }
    }

    @Test func readsAManifest() {
        let targets =
            Manifest(
                """
                let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
                let all: [Target] = [
                    .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
                    .target(name: "HTTP", dependencies: [
                        "CSodium", logging,
                    ]),
                    .testTarget(name: "HTTPTests", dependencies: ["HTTP"]),
                    .target(name: "TestShop", path: "Tests/TestShop"),
                ]
                """
            ).targets
        #expect(targets.map(\.name) == ["CSodium", "HTTP", "HTTPTests", "TestShop"])
        #expect(
            targets.map(\.folder)
                == ["Sources/CSodium", "Sources/HTTP", "Tests/HTTPTests", "Tests/TestShop"])
        #expect(targets.map(\.dependencies) == [[], ["CSodium", "Logging"], ["HTTP"], []])
    }

    @Test func readsImports() {
        let found = imports(
            in: """
                import A
                public import B
                @testable import C
                import struct D.E
                // import F
                let text = "import G"
                """)
        #expect(found == ["A", "B", "C", "D"])
    }

    /// The modules that a file imports.
    private func imports(in text: String) -> Set<String> {
        let line =
            #/
            ^(?:@\w+\ |public\ |package\ |internal\ |fileprivate\ |private\ )*import\s
            (?:(?:struct|class|enum|protocol|func|let|var|typealias)\ )?(\w+)
            /#
        return Set(
            SwiftCode(text).text.split(separator: "\n").compactMap {
                $0.firstMatch(of: line).map { String($0.output.1) }
            })
    }
}

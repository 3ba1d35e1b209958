import Foundation
import ShopFixture
import Testing

extension ShopTests {
    /// Runs clients that generators create from openapi.yaml, on the shared shop.
    @Suite struct ClientTests {
        private static let scripts = "\(Programs.top)/Tests/Clients"
        private static let python = Programs.tool("openapi-python-client")
        private static let apiwright = Programs.tool("apiwright")
        private static let judge = Programs.tool("schemathesis", "python")
        private static let hasTypeScript =
            Programs.installed("tsc") != nil && Programs.installed("node") != nil

        private let folder: Folder
        private let description: String

        init() throws {
            folder = try Folder()
            description = folder.file("openapi.json")
            let text = try SharedShop.shop.visitor().send("GET", "/docs/openapi.json").expect(200)
            try Data(text.body).write(to: URL(fileURLWithPath: description))
        }

        private func succeed(_ program: String, _ arguments: [String]) throws -> String {
            let outcome = try run(
                program, arguments, environment: ["HOME": folder.path], seconds: 120)
            guard outcome.code == 0 else {
                throw Failure("\(program): \(outcome.output)\(outcome.errors)")
            }
            return outcome.output
        }

        private var account: [String] {
            get throws {
                [
                    "http://127.0.0.1:\(try SharedShop.shop.port)",
                    try SharedShop.demoPassword(of: "sami"),
                ]
            }
        }

        @Test(.enabled(if: python != nil, "openapi-python-client is not installed (make deps)"))
        func aPythonClientKnowsEveryOperationAndEveryProblem() throws {
            let generator = try #require(Self.python)
            let package = folder.file("souk")
            _ = try succeed(
                generator,
                [
                    "generate", "--path", description, "--output-path", package, "--meta", "none",
                    "--config", "\(Self.scripts)/openapi-python-client.yaml", "--fail-on-warning",
                ])
            let python = URL(fileURLWithPath: generator).deletingLastPathComponent()
            let output = try succeed(
                python.appending(path: "python").path,
                ["\(Self.scripts)/walk.py", folder.path] + account)
            for step in [
                "bought", "refunded", "reviewed", "bought as a guest", "claimed", "listed",
                "problems parsed",
            ] {
                #expect(output.contains(step), "\(output)")
            }
        }

        @Test(
            .enabled(
                if: apiwright != nil && hasTypeScript,
                "apiwright, tsc or node is not installed (make deps)"))
        func aTypeScriptClientIsCheckedAndBuys() throws {
            let output = try succeed(
                "\(Self.scripts)/typescript.sh",
                [try #require(Self.apiwright), folder.path] + account)
            #expect(
                output.contains(
                    "registered, bought, refunded, reviewed, claimed, listed and refused"))
        }

        @Test(.enabled(if: judge != nil, "schemathesis is not installed (make deps)"))
        func everyExampleIsValid() throws {
            _ = try succeed(
                try #require(Self.judge), ["\(Self.scripts)/examples.py", description])
        }
    }
}

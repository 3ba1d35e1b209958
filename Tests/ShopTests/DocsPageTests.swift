import Foundation
import HTTP
import ShopFixture
import Testing

/// /docs in a browser.
enum DocsPage {
    /// The folder for screenshots of a test run.
    static let pictures = "\(Programs.top)/.build/docs"

    /// Opens the page of a shop, by default the shared one, and waits until it shows every
    /// operation.
    static func open(_ shop: RunningShop? = nil) throws -> Browser {
        let browser = try Browser()
        try browser.open("http://127.0.0.1:\((shop ?? SharedShop.shop).port)/docs")
        let isShown = try eventually(within: 30) { try browser.text("#createOrder h3") != "" }
        guard isShown else { throw Failure("\(try browser.console())") }
        try FileManager.default.createDirectory(
            atPath: pictures, withIntermediateDirectories: true)
        return browser
    }
}

extension ShopTests {
    /// Readers of /docs can search, follow links, copy samples, and use any screen size.
    @Suite(.enabled(if: Browser.driver != nil && Browser.program != nil, "there is no chromium"))
    struct DocsPageTests {
        private static let axe = "\(Programs.top)/.build/tools/axe.min.js"

        @Test func findsOperationsBySearchWords() throws {
            let browser = try DocsPage.open()
            for (words, call) in [
                ("create product", "createProduct"), ("update", "updateProduct"),
                ("register", "registerCustomer"), ("checkout", "createOrder"),
                ("deposit", "creditWallet"), ("reset", "changePassword"), ("refund", "refundOrder"),
                ("SIGN IN", "login"), ("POST wallet", "debitWallet"), ("top up", "creditWallet"),
            ] {
                try browser.type(words, into: "#find")
                let found = try browser.run(
                    "return [...document.querySelectorAll('nav li:not([hidden]) a')].map(a => a.hash)"
                ).elements
                #expect(found.contains(.string("#\(call)")), "\(words): \(found)")
                #expect(found.count < 20, "\(words): \(found)")
                #expect(try browser.text("#found").hasPrefix("\(found.count) of "))
            }
        }

        @Test func marksTheVisibleOperation() throws {
            let browser = try DocsPage.open()
            for call in ["getProduct", "login", "getHealth"] {
                _ = try browser.run("location.hash = '\(call)'")
                let isMarked = try eventually(within: 30) {
                    try browser.run(
                        "return [...document.querySelectorAll('[aria-current]')].map(a => a.hash)")
                        == .array([.string("#\(call)")])
                }
                #expect(isMarked, "\(call)")
            }
        }

        @Test func showsTheRoleAndAnExampleResponse() throws {
            let browser = try DocsPage.open()
            for (call, role) in [
                ("listProducts", "anyone"), ("createOrder", "anyone"),
                ("createReview", "role customer"),
                ("getOrder", "role customer, or an order token"),
                ("approveReview", "role moderator"), ("createProduct", "role staff"),
                ("listAuditEvents", "role admin"),
            ] {
                #expect(try browser.text("#\(call) .role") == role)
            }
            // The sample of a list page is built from the example of an item.
            for (call, path, value) in [
                ("getOrder", "items[0].name", "Mint tea"),
                ("listOrders", "data[0].username", "nadia"),
                ("exportCustomer", "orders[0].items[0].name", "Mint tea"),
            ] {
                let shown = try browser.run(
                    "return JSON.parse(document.querySelector('#\(call) .example').textContent).\(path)"
                )
                #expect(shown == .string(value), "\(call)")
            }
            let isLastPage = try browser.run(
                "return JSON.parse(document.querySelector('#listOrders .example').textContent).next === null"
            )
            #expect(isLastPage == .bool(true))
        }

        @Test(arguments: ["curl", "fetch", "Python"]) func aSampleRuns(language: String) throws {
            let browser = try DocsPage.open()
            try browser.click("#listProducts .code > summary")
            try browser.click("#createOrder .code > summary")
            let isShown = try eventually(within: 30) {
                try browser.text("#createOrder .\(language)") != ""
                    && browser.text("#listProducts .\(language)") != ""
            }
            #expect(isShown)
            let order = try browser.text("#createOrder .\(language)")
            #expect(order.contains(language == "curl" ? "$TOKEN" : "token}"), "\(order)")
            #expect(try browser.text("#createOrder .copy") == "Copy")
            let sample = try browser.text("#listProducts .\(language)")
            let runner: (program: String?, arguments: [String]) =
                switch language {
                case "curl": (Programs.installed("sh"), ["-c", sample])
                case "fetch":
                    (Programs.installed("node"), ["--input-type=module", "--eval", sample])
                default: (Programs.tool("schemathesis", "python"), ["-c", sample])
                }
            guard let program = runner.program else { return }
            let outcome = try run(program, runner.arguments)
            #expect(outcome.code == 0 && outcome.output.contains(#""data":["#), "\(outcome)")
        }

        /// With every section open, nothing is wider than the screen and nothing is cut off.
        @Test(arguments: [320, 390, 768, 1280]) func fitsAnyScreen(width: Int) throws {
            let browser = try DocsPage.open()
            try browser.resize(width: width, height: 800)
            _ = try browser.run(
                "for (const each of document.querySelectorAll('details')) each.open = true")
            let faults = try browser.run(
                """
                const wide = [...document.querySelectorAll('main *, header *, nav *')]
                  .filter(e => !e.closest('pre') && e.getBoundingClientRect().right > innerWidth + 1);
                const narrow = [...document.querySelectorAll('th, td')].filter(e => e.offsetParent
                  && e.getBoundingClientRect().width < 24);
                return [...wide, ...narrow].slice(0, 9).map(e => e.outerHTML.slice(0, 200))
                """)
            #expect(faults == .array([]))
            #expect(
                try browser.run("return document.documentElement.scrollWidth <= innerWidth")
                    == .bool(true))
            _ = try browser.run("document.getElementById('createOrder').scrollIntoView()")
            try browser.photograph("\(DocsPage.pictures)/\(width).png")
        }

        @Test(
            .enabled(if: access(axe, R_OK) == 0, "axe-core is not installed (make deps)"),
            arguments: [320, 1280], ["light", "dark"])
        func hasNoViolationThatAxeFinds(width: Int, scheme: String) throws {
            let browser = try DocsPage.open()
            try browser.resize(width: width, height: 900)
            try browser.prefer(scheme)
            let script = try String(contentsOfFile: Self.axe, encoding: .utf8)
            _ = try browser.run("\(script); window.axe = axe")
            let calls = [".about", "#login", "#createOrder", "#listProducts", "#getHealth"]
            let details = calls.map { "\($0) details" }.joined(separator: ", ")
            _ = try browser.run(
                "for (const each of document.querySelectorAll('\(details)')) each.open = true")
            let violations = try browser.runAsync(
                """
                const done = arguments[arguments.length - 1];
                axe.run().then(found => done(found.violations.map(each =>
                  `${each.id}: ${each.nodes.map(node => node.html).slice(0, 3)}`)))
                """)
            #expect(violations == .array([]))
        }
    }
}

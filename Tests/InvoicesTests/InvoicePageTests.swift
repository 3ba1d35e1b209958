import Crypto
import Foundation
import HTTP
import HTTPTypes
import Sales
import Storage
import TestShop
import Testing
import Values

@testable import Invoices

/// The page to print.
@Suite struct InvoicePageTests {
    private func page(of shop: TestShop, _ target: String = "/sales/1/invoice", accept: String)
        throws -> Response
    {
        try shop.send(.get, target, as: "ada", fields: [.accept: accept])
    }

    @Test(
        arguments: [
            ("text/html", true), ("text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("text/*", true), ("TEXT/HTML ; q=1.0", true), ("application/json", false),
            ("*/*", false), ("", false), ("text/html;q=0.4, application/json;q=0.5", false),
            ("text/html;q=0", false), ("application/xml", false), ("text/html;q=x", false),
            ("application/json;q=0.1, */*", true), ("text/html, application/json", false),
        ])
    func isChosenByAccept(accept: String, isPage: Bool) throws {
        let answer = try page(of: try InvoiceShop.ordered(), accept: accept)
        let type = isPage ? "text/html; charset=utf-8" : "application/json"
        #expect(answer.fields[.contentType] == type, "\(accept)")
    }

    @Test func escapesEveryText() throws {
        let shop = try InvoiceShop.ordered()
        let evil = #"<script>alert('x')</script>&\""#
        for step in [
            Scenario.Step(.patch, "/inventory/1", as: "sami", #"{"name":"\#(evil)","sku":"<b>"}"#),
            Scenario.Step(
                .post, "/sales", as: "ada",
                #"""
                {"items":[{"product_id":1,"quantity":1}],"shipping_method":1,"shipping_address":\#
                {"name":"\#(evil)","lines":["\#(evil)"],"city":"\#(evil)","country":"DE"}}
                """#),
        ] { try step.succeeds(in: shop) }
        let html = try page(of: shop, "/sales/2/invoice", accept: "text/html").text
        #expect(!html.contains("<script") && !html.contains("<b>"))
        let escaped = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;"
        #expect(html.ranges(of: escaped).count == 7)
        for outside in ["http:", "https:", "//", "url(", "@import", " on", "src=", "href="] {
            let markup = html.replacing(escaped, with: "")
            let body = markup.drop { $0 != "/" }.ranges(of: outside)
            #expect(outside == " on" || body.isEmpty, "\(outside)")
        }
    }

    /// The year of the number and the days of the page are those of the shop's time zone.
    @Test func printsDaysOfTheTimeZone() throws {
        let file = URL(filePath: "/usr/share/zoneinfo/Europe/Berlin")
        let zone = try #require(
            ZoneRules(name: "Europe/Berlin", tzif: Array(Data(contentsOf: file))))
        let shop = try TestShop()
        try shop.store.write { _ = try setReportZone(zone, in: $0) }
        let start = try #require(Instant(rfc3339: "2026-12-31T23:30:00Z"))
        shop.clock.pass(seconds: (start.milliseconds - shop.clock.now.milliseconds) / 1000)
        try Scenario.Step(
            .post, "/sales", as: "ada", #"{"items":[{"product_id":1,"quantity":1}]}"#
        ).succeeds(in: shop)
        try Scenario.Step(.post, "/sales/1/ship", as: "sami").succeeds(in: shop)
        try InvoiceShop.refund(#""items":[{"product_id":1,"quantity":1}]"#).succeeds(in: shop)
        let numbers = try shop.documents().compactMap { $0["number"]?.text }
        #expect(numbers.count == 2 && numbers.allSatisfy { $0.contains("-2027-") })
        for number in numbers {
            let html = try page(of: shop, "/sales/1/invoices/\(number)", accept: "text/html").text
            #expect(html.ranges(of: "2027-01-01").count >= 4, "\(html)")
            #expect(!html.contains("2026-12-31"))
        }
    }

    @Test(
        arguments: [
            (1_234_567, 2, "12\u{202F}345.67"), (5, 2, "0.05"), (0, 2, "0.00"), (-5, 2, "−0.05"),
            (1_234_567, 0, "1\u{202F}234\u{202F}567"), (12, 0, "12"), (0, 0, "0"),
            (1_234_567, 3, "1\u{202F}234.567"), (1, 3, "0.001"), (100_000, 2, "1\u{202F}000.00"),
        ] as [(Int64, Int, String)])
    func writesAmounts(minorUnits: Int64, digits: Int, text: String) {
        #expect(decimal(minorUnits, digits: digits) == text)
    }

    @Test(arguments: [(1900, "19"), (770, "7.7"), (25, "0.25"), (0, "0"), (10_000, "100")])
    func writesRates(basisPoints: Int64, text: String) {
        #expect(percent(basisPoints) == "\(text)\u{202F}%")
    }

    /// nginx allows the style by its hash.
    @Test func nginxAllowsTheStyle() throws {
        let hash = "'sha256-\(Base64.encode(SHA256.hash(Array(invoiceStyle.utf8))))'"
        let file = OpenAPI.top.appending(path: "nginx/http/headers.conf")
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains("style-src \(hash)"), "the hash is \(hash)")
    }

    /// Writes pages for a look at them in a browser, to the folder SOUK_PAGES.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["SOUK_PAGES"] != nil))
    func writesSamples() throws {
        let folder = ProcessInfo.processInfo.environment["SOUK_PAGES"] ?? ""
        for (name, body) in InvoiceSamples.all {
            let page = try InvoicePage(StoredDocument(body: body, hash: sha256(body))) {
                Day(of: $0)
            }
            try page.html.write(toFile: "\(folder)/\(name).html", atomically: true, encoding: .utf8)
        }
    }
}

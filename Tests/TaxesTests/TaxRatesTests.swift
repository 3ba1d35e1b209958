import HTTP
import TestShop
import Testing

@testable import Taxes

@Suite struct TaxRatesTests {
    static let target = "/sales/tax-rates"

    static func put(_ rows: String, as account: String = "sami") -> Scenario.Step {
        .init(.put, target, as: account, #"{"data":[\#(rows)]}"#)
    }

    static let standard = #"{"class":"standard","country":"DE","rate":1900,"name":"VAT 19 %"}"#
    static let reduced = #"{"class":"reduced","country":"DE","rate":700,"name":"VAT 7 %"}"#
    static let regional =
        #"{"class":"standard","country":"US","region":"NY","rate":888,"name":"Sales tax"}"#

    static let rows =
        [
            Scenario(
                "is empty at first", .init(.get, target, as: "sami"), gives: 200,
                shows: #"{"version":0,"data":[]}"#),
            Scenario(
                "replaces them, sorted", put("\(regional),\(standard),\(reduced)"), gives: 200,
                shows: #"""
                    {"version":1,"data":[{"class":"reduced","country":"DE","region":null,"rate":700,\#
                    "name":"VAT 7 %"},{"class":"standard","country":"DE","rate":1900},\#
                    {"class":"standard","country":"US","region":"NY","rate":888}]}
                    """#),
            Scenario(
                "replaces all of them", after: [put("\(standard),\(reduced)")], put(regional),
                gives: 200, shows: #"{"version":2,"data":[{"country":"US"}]}"#),
            Scenario(
                "removes all of them", after: [put(standard)], put("", as: "adil"), gives: 200,
                shows: #"{"version":2,"data":[]}"#),
            Scenario(
                "a dry run replaces nothing",
                after: [
                    .init(.put, "\(target)?dry_run=true", as: "sami", #"{"data":[\#(standard)]}"#)
                ],
                .init(.get, target, as: "sami"), gives: 200,
                shows: #"{"version":0,"data":[]}"#),
            Scenario(
                "a row twice", put("\(standard),\(reduced),\(standard)"), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"data[2].class"}]}"#),
            Scenario(
                "a region twice, in another case",
                put("\(regional),\(regional.replacing("NY", with: "ny"))"), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"data[1].class"}]}"#),
            Scenario(
                "every fault at once",
                put(
                    #"""
                    {"class":"A","country":"XX","region":"","rate":10001,"name":"","percent":1},\#
                    {"rate":-1}
                    """#), gives: 422, code: "invalid_request",
                shows: #"""
                    {"errors":[{"field":"data[0].class"},{"field":"data[0].country"},\#
                    {"field":"data[0].region"},{"field":"data[0].rate"},{"field":"data[0].name"},\#
                    {"field":"data[0].percent"},{"field":"data[1].class"},\#
                    {"field":"data[1].country"},{"field":"data[1].rate"},\#
                    {"field":"data[1].name"}]}
                    """#),
            Scenario(
                "no list", .init(.put, target, as: "sami", "{}"), gives: 422,
                code: "invalid_request", shows: #"{"errors":[{"field":"data"}]}"#),
        ]
        + .closed(to: "ada", "mona", by: .get, target)
        + .closed(to: "ada", "mona", by: .put, target, #"{"data":[]}"#)

    @Test(arguments: rows) func answers(row: Scenario) throws { try row.play() }

    /// A body has at most 128 KiB and 10,000 values.
    @Test func theMostRatesFitIntoABody() throws {
        let shop = try TestShop()
        func rows(_ count: Int64) -> String {
            (1...count).map {
                Self.regional.replacing("NY", with: "Northern Region \($0)")
            }.joined(separator: ",")
        }
        let most = rows(taxRatesMax)
        #expect(most.utf8.count < 128 * 1024 - 100)
        try Self.put(most).succeeds(in: shop)
        let more = try shop.send(.put, Self.target, as: "sami", #"{"data":[\#(rows(1001))]}"#)
        #expect(more.status == .unprocessableContent)
    }

    @Test func replacesOnlyTheVersionThatWasSeen() throws {
        let shop = try TestShop()
        let tag = try shop.send(.get, Self.target, as: "sami").fields[.eTag] ?? ""
        let body = #"{"data":[\#(Self.standard)]}"#
        let first = try shop.send(.put, Self.target, as: "sami", body, fields: [.ifMatch: tag])
        #expect(first.status.code == 200)
        let late = try shop.send(.put, Self.target, as: "adil", body, fields: [.ifMatch: tag])
        #expect(late.status.code == 412)
        let current = try shop.send(.get, Self.target, as: "sami")
        let same = try shop.send(
            .get, Self.target, as: "sami",
            fields: [.ifNoneMatch: current.fields[.eTag] ?? ""])
        #expect(same.status.code == 304)
    }

    /// Of writers that have seen the same version, one replaces it.
    @Test func replacesOnceFromEightThreads() throws {
        let shop = try TestShop()
        _ = try shop.token(of: "sami")
        let tag = try shop.send(.get, Self.target, as: "sami").fields[.eTag] ?? ""
        let codes = atOnce(8) { number in
            let row = Self.standard.replacing("1900", with: "\(number + 1)")
            let answer = try? shop.send(
                .put, Self.target, as: "sami", #"{"data":[\#(row)]}"#, fields: [.ifMatch: tag])
            return answer?.status.code ?? 0
        }
        #expect(codes.sorted() == [200] + Array(repeating: 412, count: 7))
    }

    /// The same rates again are a new version, and both sets are in the audit log as a whole.
    @Test func eachVersionIsAudited() throws {
        let shop = try TestShop()
        let many = (1...250).map {
            #"{"class":"c\#($0)","country":"DE","rate":\#($0),"name":"n"}"#
        }.joined(separator: ",")
        for rows in [Self.standard, many, many] { try Self.put(rows).succeeds(in: shop) }
        let log = try shop.send(.get, "/customers/audit", as: "adil").json["data"]?.elements ?? []
        #expect(log.count == 3 && log.allSatisfy { $0["action"] == "changed_tax_rates" })
        #expect(log.allSatisfy { $0["subject"]?.text == Self.target })
        for (entry, versions) in zip(log, [(2, 3), (1, 2), (0, 1)]) {
            for (side, version) in [("before", versions.0), ("after", versions.1)] {
                let text = try #require(entry[side]?.text)
                let set = try JSON(parsing: Array(text.utf8))
                #expect(set["version"] == .integer(Int64(version)))
                #expect(set["data"]?.elements.count == [0, 1, 250, 250][version])
            }
        }
        let shown = try shop.send(.get, Self.target, as: "sami")
        #expect(try shown.text == log[0]["after"]?.text)
    }
}

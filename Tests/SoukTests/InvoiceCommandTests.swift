import Foundation
import ShopFixture
import Testing

extension SoukTests {
    /// `souk invoices`.
    @Suite struct InvoiceCommandTests {
        private func sell(_ shop: RunningShop) throws -> Int64 {
            try shop.visitor("ada", "ada-loves-tea").send(
                "POST", "/sales", #"{"items":[{"product_id":1,"quantity":1}]}"#
            ).expect(201).integer("id")
        }

        private func number(_ order: Int64, _ shop: RunningShop) throws -> String {
            try shop.visitor("ada", "ada-loves-tea").send("GET", "/sales/\(order)/invoice")
                .expect(200).string("number")
        }

        /// `cp` over the file leaves it in the same place, so the shop does not notice it.
        @Test func noNumberIsGivenAgainAfterACopy() throws {
            let shop = try RunningShop(knobs: ["SOUK_DEMO": "1"])
            let (file, copy) = (shop.home.file("souk.db"), shop.home.file("copy.db"))
            let first = try number(sell(shop), shop)
            #expect(shop.stop() == 0)
            // With what a program that was killed at the stop left in the WAL.
            try sqlite(file, ".backup \(copy)")
            let later = try RunningShop(in: shop.home)
            let lost = try number(sell(later), later)
            #expect(lost == first.dropLast() + "2")
            #expect(later.stop() == 0)

            try run("/bin/rm", ["-f", "\(file)-wal", "\(file)-shm"]).expect(0)
            try run("/bin/cp", [copy, file]).expect(0)
            try shop.souk("invoices", "new-series").expect(
                0,
                output:
                    "the next invoice begins a new series; the last of the former one is \(first)\n",
                errors: "")
            try shop.souk("invoices", "new-series").expect(
                1, output: "",
                errors: "Error: The next invoice begins a new series anyway. Nothing was changed.\n"
            )
            let again = try RunningShop(in: shop.home)
            let order = try sell(again)
            #expect(order == 2)
            let next = try number(order, again)
            #expect(next.hasSuffix("-000001") && next > lost)
            #expect(try number(1, again) == first)
            #expect(again.stop() == 0)
            try shop.souk("check").expect(0)
        }
    }
}

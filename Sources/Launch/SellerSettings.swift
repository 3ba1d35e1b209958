public import Service

/// How invoices name the shop.
public struct SellerSettings: Sendable {
    /// The name of the business; empty if it is not set.
    ///
    /// `SOUK_SHOP_NAME`.
    public var name = ""
    /// The lines of the postal address, separated by `|`.
    ///
    /// `SOUK_SHOP_ADDRESS`.
    public var address = ""
    /// The VAT number or another tax number; empty if it is not set.
    ///
    /// `SOUK_SHOP_TAX_ID`.
    public var taxID = ""

    /// The seller of an invoice.
    public var seller: Seller {
        Seller(name: name, address: address.split(separator: "|").map(String.init), taxID: taxID)
    }
}

extension Settings {
    static let sellerTable: [Setting] = [
        text("SOUK_SHOP_NAME", \.seller.name, "a line of at most 200 characters") {
            isLine($0, atMost: 200)
        },
        text(
            "SOUK_SHOP_ADDRESS", \.seller.address,
            "at most 6 lines and 500 characters, with | between the lines"
        ) {
            isLine($0, atMost: 500) && $0.utf8.count { $0 == UInt8(ascii: "|") } < 6
        },
        text("SOUK_SHOP_TAX_ID", \.seller.taxID, "a line of at most 60 characters") {
            isLine($0, atMost: 60)
        },
    ]

    /// Whether a text has no control characters and at most `count` code points.
    private static func isLine(_ text: String, atMost count: Int) -> Bool {
        text.unicodeScalars.count <= count
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}

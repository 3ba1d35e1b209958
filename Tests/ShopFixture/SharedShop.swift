import HTTP
import TestShop
import Testing

/// The demo shop without rate limits that most suites share, opened on first use.
///
/// Its suites are serialized, so no other test uses it at the same time.
public enum SharedShop {
    private static let opening = Result { try RunningShop(knobs: ["SOUK_DEMO": "1"]) }

    /// The running shop.
    public static var shop: RunningShop {
        get throws { try opening.get() }
    }

    private static let crowd = Result {
        let shop = try SharedShop.shop
        let seeding = try shop.souk("seed", "--customers", "64")
        guard seeding.code == 0 else { throw Failure(seeding.errors) }
        return try (1...64).map { try shop.visitor("c\($0)", "correct horse") }
    }

    /// The customers c1 to c64, logged in, each with 100 000 000 in the wallet.
    public static var buyers: [Visitor] {
        get throws { try crowd.get() }
    }

    /// Logs in one of the demo shop's four accounts: ada (customer), mona (moderator), sami (staff)
    /// or adil (admin).
    public static func demo(_ name: String) throws -> Visitor {
        try SharedShop.shop.visitor(name, demoPassword(of: name))
    }

    /// The password of one of the demo shop's four accounts.
    public static func demoPassword(of name: String) throws -> String {
        let line = try SharedShop.shop.home.text(of: "demo.txt").split(separator: "\n").first {
            $0.hasPrefix("\(name) ")
        }
        guard let password = line?.split(separator: " ").dropFirst().first else {
            throw Failure("demo.txt does not name \(name)")
        }
        return String(password)
    }

    /// Creates a product in the shared shop.
    ///
    /// - Returns: its id.
    public static func product(stock: Int, price: Int = 100) throws -> Int64 {
        let body = #"{"name":"pen","category":"pens","price":\#(price),"stock":\#(stock)}"#
        return try demo("sami").send("POST", "/inventory", body).expect(201).integer("id")
    }
}

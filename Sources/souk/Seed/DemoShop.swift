import Customers
import Inventory
import Service
import Storage
import Values

/// Creates a small demo shop: an account for each role and a dozen products.
///
/// It prints the accounts.
func openDemoShop(on store: any Engine, currency: String) throws {
    let now = Instant.now()
    print("account    password        role")
    for account in demoAccounts {
        let customer = try addAccount(
            account.name, password: account.password, fullName: account.fullName,
            role: account.role, at: now,
            on: store)
        if account.role == .customer {
            try creditAccount(
                customer, Money(minorUnits: 50_000), note: "welcome", at: now, on: store)
        }
        let name = account.name.padded(to: 10), password = account.password.padded(to: 15)
        print("\(name) \(password) \(account.role.rawValue)")
    }
    try store.write { tx in
        guard let staff = try customerID(of: "sami", in: tx) else { return }
        for product in demoProducts {
            _ = try createProduct(
                product.details, stock: product.stock, by: staff, at: now, in: tx,
                currency: currency)
        }
    }
}

private let demoAccounts: [(name: String, password: String, fullName: String, role: Role)] = [
    ("ada", "ada-loves-tea", "Ada Demo", .customer),
    ("mona", "mona-reads-all", "Mona Demo", .moderator),
    ("sami", "sami-keeps-shop", "Sami Demo", .staff),
    ("adil", "adil-holds-keys", "Adil Demo", .admin),
]

private struct DemoProduct {
    var details = ProductDetails()
    let stock: Int64

    init(
        _ sku: String, _ name: String, _ category: String, _ cents: Int64, stock: Int64,
        _ description: String
    ) {
        details.sku = sku
        details.name = name
        details.category = category
        details.price = Money(minorUnits: cents)
        details.lowStock = 5
        details.description = description
        self.stock = stock
    }
}

private let demoProducts = [
    DemoProduct(
        "TEA-MINT", "Mint tea", "tea", 450, stock: 120, "Dried spearmint from the mountains, 50 g."),
    DemoProduct(
        "TEA-BLACK", "Black tea", "tea", 390, stock: 200, "Strong leaves for the morning, 100 g."),
    DemoProduct("TEA-SAGE", "Sage tea", "tea", 420, stock: 60, "For winter evenings, 50 g."),
    DemoProduct("GLASS-6", "Tea glasses", "kitchen", 1800, stock: 24, "Six of them, hand-painted."),
    DemoProduct("POT-BRASS", "Brass teapot", "kitchen", 5400, stock: 8, "Holds four glasses."),
    DemoProduct("TRAY-CU", "Copper tray", "kitchen", 3900, stock: 10, "Hammered, 40 cm across."),
    DemoProduct("SPICE-CUM", "Cumin", "spices", 290, stock: 80, "Whole seeds, 80 g."),
    DemoProduct("SPICE-SAF", "Saffron", "spices", 1200, stock: 15, "One gram of threads."),
    DemoProduct("RUG-RED", "Red rug", "rugs", 24900, stock: 3, "Wool, 120 by 180 cm."),
    DemoProduct("RUG-BLUE", "Blue rug", "rugs", 27900, stock: 2, "Wool, 140 by 200 cm."),
    DemoProduct("LAMP-GL", "Mosaic lamp", "lamps", 7900, stock: 12, "Coloured glass, 30 cm."),
    DemoProduct("PEN-REED", "Reed pen", "paper", 650, stock: 40, "Cut by hand."),
]

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

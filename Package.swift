// swift-tools-version: 6.1
import PackageDescription

// A target imports only targets above it; TidyTests refuses an import that is not declared here.

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let libraries: [Target] = [
    .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
    // What the module Glibc leaves out: mallopt, epoll, eventfd and names of threads.
    .systemLibrary(name: "CGlibc"),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "COath", pkgConfig: "liboath", providers: [.apt(["liboath-dev"])]),
    .systemLibrary(name: "CJWT", pkgConfig: "libjwt", providers: [.apt(["libjwt-dev"])]),
    // Unicode normalisation, decomposition and case folding, which Swift has no public call for
    // without Foundation.
    .systemLibrary(name: "CUTF8Proc", providers: [.apt(["libutf8proc-dev"])]),
    .systemLibrary(
        name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
]

let floors: [Target] = [
    .target(name: "Values"),
    .target(name: "Threads", dependencies: ["CGlibc"]),
    .target(name: "Crypto", dependencies: ["CSodium"]),
    .target(
        name: "CommonPasswords", dependencies: ["Crypto"],
        resources: [.embedInCode("common-passwords.txt")]),
    .target(name: "Words", dependencies: ["CUTF8Proc"]),
    .target(name: "Curl", dependencies: ["Threads", "CCurl", httpTypes]),
    .target(name: "HTTP", dependencies: ["Values", httpTypes]),
    .target(name: "Storage", dependencies: ["Values"]),
    .target(
        name: "FastCGI",
        dependencies: ["Values", "Threads", "HTTP", "CFastCGI", "CGlibc", httpTypes, logging]),
    .target(
        name: "StorageSQLite", dependencies: ["Threads", "Words", "Storage", "CSQLite"],
        exclude: ["DESIGN.md"]),
    .target(
        name: "StoragePostgres", dependencies: ["Threads", "Storage", "CPQ"],
        exclude: ["DESIGN.md"]),
    .target(
        name: "Service",
        dependencies: [
            "Values", "Threads", "Crypto", "HTTP", "Storage", "CJWT", "CSodium", "CUTF8Proc",
            httpTypes, logging,
        ]),
]

let mailTemplates = [
    "email-verification", "email-changed", "email-removed", "password-reset", "password-changed",
    "credentials-changed", "new-sign-in", "order-received", "guest-order-received", "order-paid",
    "order-shipped", "order-refunded", "order-expired", "payment-problem", "payment-late",
    "payment-extra", "refund-by-hand", "return-requested", "return-approved", "return-declined",
    "return-received", "review-approved", "review-rejected", "back-in-stock", "low-stock",
    "webhook-failing",
]

// What every slice needs.
let slice: [Target.Dependency] = ["Service", "HTTP", "Storage", "Values"]

let slices: [Target] = [
    // Below every slice that records events.
    .target(name: "Outbox", dependencies: slice),
    .target(
        name: "Customers",
        dependencies: slice + [
            "Outbox", "Crypto", "CommonPasswords", "Words", "CSodium", "COath", httpTypes,
        ]),
    // Messages, and how they leave the shop.
    .target(
        name: "Mail", dependencies: ["Outbox", "Service", "Curl", "Crypto", "Values"],
        resources: mailTemplates.map { .embedInCode("Templates/\($0).txt") }),
    .target(name: "Events", dependencies: slice + ["Customers", "Outbox", "Threads"]),
    .target(name: "Inventory", dependencies: slice + ["Customers", "Outbox", "Words"]),
    // Money from outside, which enters and leaves through the wallets.
    .target(
        name: "Payments",
        dependencies: slice + ["Customers", "Outbox", "Threads", "Crypto", httpTypes]),
    .target(name: "Shipping", dependencies: slice + ["Customers"]),
    .target(name: "Taxes", dependencies: slice + ["Customers"]),
    // Below Sales, which calls it in the transaction of an order.
    .target(name: "Coupons", dependencies: slice + ["Customers"]),
    // Above Customers, whose wallets it credits.
    .target(name: "GiftCards", dependencies: slice + ["Customers", "Crypto"]),
    .target(
        name: "Sales",
        dependencies: slice + [
            "Customers", "Inventory", "Shipping", "Taxes", "Coupons", "GiftCards", "Payments",
            "Outbox", "Crypto", "Threads",
        ]),
    // Above Sales, whose orders it documents.
    .target(name: "Invoices", dependencies: slice + ["Customers", "Sales", "Outbox", "Crypto"]),
    // Above Sales, which sells what is in a cart.
    .target(
        name: "Carts",
        dependencies: slice + [
            "Customers", "Inventory", "Coupons", "GiftCards", "Sales", "Crypto", httpTypes,
        ]),
    .target(name: "Wishlist", dependencies: slice + ["Customers", "Inventory", "Outbox"]),
    .target(
        name: "Webhooks",
        dependencies: slice + ["Customers", "Outbox", "Curl", "Threads", "Crypto"]),
    .target(name: "Reviews", dependencies: slice + ["Customers", "Sales", "Inventory", "Outbox"]),
]

// Above the slices, whose events and jobs it handles.
let courier: [Target] = [
    .target(
        name: "Courier",
        dependencies: slice + [
            "Outbox", "Customers", "Payments", "Sales", "Invoices", "Carts", "Wishlist", "Webhooks",
            "Mail", "Curl", "Threads", "Crypto", httpTypes, logging,
        ])
]

// Synthetic rows, for `souk seed` and tests; no daemon links them.
let seeds: [Target] = [
    .target(
        name: "Seeds",
        dependencies: ["Customers", "Inventory", "Sales", "Service", "Storage", "Values"])
]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

let programs: [Target] = [
    .target(
        name: "Launch",
        dependencies: slice + [
            "Mail", "Curl", "FastCGI", "StorageSQLite", "StoragePostgres", "Threads", "Crypto",
            "Outbox", "Courier", "Customers", "Events", "Inventory", "Shipping", "Taxes", "Coupons",
            "GiftCards", "Payments", "Sales", "Invoices", "Carts", "Wishlist", "Webhooks",
            "Reviews", httpTypes, logging,
        ]),
    .executableTarget(name: "customersd", dependencies: ["Launch"]),
    .executableTarget(name: "inventoryd", dependencies: ["Launch"]),
    .executableTarget(name: "salesd", dependencies: ["Launch"]),
    .executableTarget(name: "reviewsd", dependencies: ["Launch"]),
    .executableTarget(name: "courierd", dependencies: ["Launch"]),
    .executableTarget(
        name: "souk",
        dependencies: slice + [
            "Launch", "Courier", "Payments", "Invoices", "Seeds", "Customers", "Events", "Outbox",
            "Inventory", "Sales", "Reviews", argumentParser,
        ]),
]

let tests: [Target] = [
    // A server of PostgreSQL that lasts as long as the process of the tests.
    .target(
        name: "PostgresFixture", dependencies: ["CPQ", "Threads"], path: "Tests/PostgresFixture"),
    // A shop to test with: what the daemons are made of, on a real file.
    .target(
        name: "TestShop",
        dependencies: slice + [
            "Launch", "Seeds", "Customers", "Inventory", "Sales", "Outbox", "StorageSQLite",
            "StoragePostgres", "PostgresFixture", "Threads", "CSQLite", "COath", httpTypes, logging,
        ], path: "Tests/TestShop"),
    // The same from outside: a shop as `make run` opens it, and clients for it.
    .target(name: "ShopFixture", dependencies: ["TestShop", "HTTP"], path: "Tests/ShopFixture"),
    .testTarget(
        name: "ShopTests",
        dependencies: slice + [
            "ShopFixture", "TestShop", "PostgresFixture", "Launch", "Customers", "Inventory",
            "Sales", "Reviews", "StorageSQLite", "Crypto", "CSodium",
        ]),
    .testTarget(
        name: "SoukTests",
        dependencies: ["PostgresFixture", "ShopFixture", "TestShop", "HTTP", httpTypes],
        exclude: ["Help", "Databases"]),
    .testTarget(
        name: "InventoryTests",
        dependencies: [
            "Values", "TestShop", "Seeds", "Inventory", "HTTP", "Storage", "StorageSQLite", "Words",
            httpTypes,
        ]),
    .testTarget(name: "ShippingTests", dependencies: ["TestShop", "HTTP"]),
    .testTarget(name: "TaxesTests", dependencies: ["Taxes", "TestShop", "HTTP"]),
    .testTarget(
        name: "CouponsTests",
        dependencies: ["Coupons", "TestShop", "Customers", "HTTP", "Storage", "Values", httpTypes]),
    .testTarget(
        name: "GiftCardsTests", dependencies: slice + ["GiftCards", "TestShop", httpTypes]),
    .testTarget(
        name: "CartsTests",
        dependencies: slice + ["Carts", "TestShop", "Customers", httpTypes]),
    .testTarget(
        name: "SalesTests",
        dependencies: slice + [
            "Customers", "Sales", "Outbox", "TestShop", "StorageSQLite", httpTypes,
        ]),
    .testTarget(
        name: "InvoicesTests",
        dependencies: slice + ["Invoices", "Sales", "Outbox", "Crypto", "TestShop", httpTypes]),
    .testTarget(
        name: "EventsTests",
        dependencies: slice + ["TestShop", "Launch", "Outbox", "Events", httpTypes]),
    // The receiver of docs/events.md.
    .executableTarget(
        name: "ReceiveWebhook", dependencies: ["CSodium"], path: "Tests/ReceiveWebhook"),
    .testTarget(
        name: "WebhooksTests",
        dependencies: slice + [
            "Webhooks", "Outbox", "Crypto", "ShopFixture", "TestShop", "ReceiveWebhook", httpTypes,
        ]),
    .testTarget(
        name: "PaymentsTests",
        dependencies: slice + [
            "Payments", "Sales", "Courier", "Customers", "Outbox", "Crypto", "ShopFixture",
            "TestShop", httpTypes, logging,
        ], exclude: ["servers"]),
    .testTarget(name: "MailTests", dependencies: ["Mail", "Outbox", "Values", "TestShop"]),
    .testTarget(
        name: "WishlistTests",
        dependencies: ["Wishlist", "Outbox", "TestShop", "HTTP", "Storage", "Values"]),
    .testTarget(name: "ReviewsTests", dependencies: ["TestShop", "HTTP", "Storage", "Words"]),
    .testTarget(
        name: "ServiceTests",
        dependencies: [
            "TestShop", "Launch", "Service", "HTTP", "Storage", "StorageSQLite", "Customers",
            "Inventory", "Sales", "Reviews", "Seeds", "Values", "Words", "CSodium", httpTypes,
            logging,
        ]),
    .testTarget(
        name: "CustomersTests",
        dependencies: slice + [
            "Outbox", "TestShop", "Customers", "Launch", "StorageSQLite", "Words", httpTypes,
            logging,
        ]),
    .testTarget(
        name: "LaunchTests", dependencies: ["ShopFixture", "Launch", "Storage", "Values", logging]),
    // A courierd whose jobs write a line to a file, for tests that kill it.
    .executableTarget(
        name: "TestCourier", dependencies: ["Launch", "Courier"], path: "Tests/TestCourier"),
    .testTarget(
        name: "CourierTests",
        dependencies: [
            "ShopFixture", "TestShop", "TestCourier", "Courier", "Mail", "Webhooks", "Outbox",
            "Customers", "HTTP", "Storage", "StoragePostgres", "StorageSQLite", "Values", logging,
        ]),
    // Against servers in Python, which know nothing of Souk.
    .testTarget(
        name: "CurlTests", dependencies: ["Curl", "ShopFixture", "Threads", httpTypes],
        exclude: ["servers"]),
    .testTarget(name: "HTTPTests", dependencies: ["HTTP", "TestShop"]),
    .testTarget(name: "StorageTests", dependencies: ["Values", "Storage", "TestShop"]),
    .testTarget(name: "WordsTests", dependencies: ["Words"]),
    // What every engine promises.
    .testTarget(
        name: "StorageConformance",
        dependencies: [
            "PostgresFixture", "StorageSQLite", "StoragePostgres", "Storage", "Values", "Threads",
            "Words",
        ]),
    .testTarget(
        name: "StorageSQLiteTests",
        dependencies: ["StorageSQLite", "Storage", "Values", "Threads", "Words", "CSQLite"]),
    .testTarget(
        name: "StoragePostgresTests",
        dependencies: [
            "PostgresFixture", "StoragePostgres", "Storage", "Values", "Threads", "Words",
        ]),
    .testTarget(
        name: "FastCGITests", dependencies: ["FastCGI", "HTTP", "Threads", httpTypes, logging]),
    // The four tables of contents, to compare with openapi.yaml; the rest it reads as text.
    .testTarget(
        name: "TidyTests",
        dependencies: ["Launch", "Customers", "Inventory", "Sales", "Reviews", "Service"],
        exclude: ["words.txt"]),
]

let package = Package(
    name: "souk",
    dependencies: [
        // Methods, status codes and header fields as types, so that HTTP has no strings of its own.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        // The logging interface other Swift packages share; ours writes to the journal.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // `souk` and its --help.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: libraries + floors + slices + courier + seeds + programs + tests,
    swiftLanguageModes: [.v6]
)

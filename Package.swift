// swift-tools-version: 6.1
import PackageDescription

// A target imports only targets above it; TidyTests refuses an import that is not declared here.

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let libraries: [Target] = [
    .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CJWT", pkgConfig: "libjwt", providers: [.apt(["libjwt-dev"])]),
]

let floors: [Target] = [
    .target(name: "HTTP", dependencies: [httpTypes]),
    .target(name: "Storage"),
    .target(name: "StorageSQLite", dependencies: ["Storage", "CSQLite"]),
]

let tests: [Target] = [
    .testTarget(name: "HTTPTests", dependencies: ["HTTP"]),
    .testTarget(name: "StorageTests", dependencies: ["Storage"]),
    .testTarget(
        name: "StorageSQLiteTests", dependencies: ["StorageSQLite", "Storage", "CSQLite"]),
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
    targets: libraries + floors + tests,
    swiftLanguageModes: [.v6]
)

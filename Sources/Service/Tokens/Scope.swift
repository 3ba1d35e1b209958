public import Storage

/// What an API key may be used for: to read or to write one kind of resource.
///
/// `write:` includes `read:`.
public enum Scope: String, Sendable, CaseIterable {
    case readCustomers = "read:customers"
    case writeCustomers = "write:customers"
    case readInventory = "read:inventory"
    case writeInventory = "write:inventory"
    case readSales = "read:sales"
    case writeSales = "write:sales"
    case readReviews = "read:reviews"
    case writeReviews = "write:reviews"
    case readEvents = "read:events"
    case writeEvents = "write:events"
    case readWebhooks = "read:webhooks"
    case writeWebhooks = "write:webhooks"

    /// The scope that a route requires, derived from its first segment and its method.
    ///
    /// No route decides this, so none can forget it. Nil for a segment without scopes, whose routes
    /// accept no key.
    init?(segment: String, isSafe: Bool) {
        // A wishlist belongs to its customer.
        let resource = segment == "wishlist" ? "customers" : segment
        self.init(rawValue: "\(isSafe ? "read" : "write"):\(resource)")
    }
}

/// The scopes of an API key.
public struct Scopes: Sendable, Equatable {
    /// The scopes in the order of `Scope.allCases`.
    public let all: [Scope]

    /// Creates a set of scopes; duplicates are dropped.
    public init(_ scopes: [Scope]) {
        all = Scope.allCases.filter(scopes.contains)
    }

    /// Whether the scopes include `scope`.
    func include(_ scope: Scope) -> Bool {
        if all.contains(scope) { return true }
        let read = "read:"
        guard scope.rawValue.hasPrefix(read) else { return false }
        return Scope(rawValue: "write:\(scope.rawValue.dropFirst(read.count))").map(all.contains)
            ?? false
    }
}

extension Scopes: Storable {
    /// The names, separated by spaces.
    public var stored: Value { .text(all.map(\.rawValue).joined(separator: " ")) }

    /// Nil if the text contains an unknown scope.
    public init?(stored: Value) {
        guard case .text(let text) = stored else { return nil }
        let names = text.split(separator: " ")
        let scopes = names.compactMap { Scope(rawValue: String($0)) }
        guard scopes.count == names.count else { return nil }
        self.init(scopes)
    }
}

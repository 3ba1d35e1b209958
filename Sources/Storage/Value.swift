/// What a column can hold.
///
/// Portable engines agree on these three.
public enum Value: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
}

/// A Swift type that stands in a column.
///
/// Both directions are one protocol, so that a type cannot be written one way and read another.
public protocol Storable {
    /// As it stands in the column.
    var stored: Value { get }
    /// From the column, or nil where the column holds something else.
    init?(stored: Value)
}

extension Value: Storable {
    /// Itself.
    public var stored: Value { self }

    /// Itself.
    public init?(stored: Value) { self = stored }
}

extension Int64: Storable {
    /// An integer column.
    @inlinable public var stored: Value { .integer(self) }

    /// From an integer column.
    @inlinable public init?(stored: Value) {
        guard case .integer(let value) = stored else { return nil }
        self = value
    }
}

extension String: Storable {
    /// A text column.
    @inlinable public var stored: Value { .text(self) }

    /// From a text column.
    @inlinable public init?(stored: Value) {
        guard case .text(let value) = stored else { return nil }
        self = value
    }
}

extension Bool: Storable {
    /// An integer column that holds 0 or 1.
    @inlinable public var stored: Value { .integer(self ? 1 : 0) }

    /// From an integer column: 0 is false, 1 is true, and nothing else is either.
    @inlinable public init?(stored: Value) {
        switch stored {
        case .integer(0): self = false
        case .integer(1): self = true
        default: return nil
        }
    }
}

extension Optional: Storable where Wrapped: Storable {
    /// The value, or NULL.
    @inlinable public var stored: Value { self?.stored ?? .null }

    /// NULL is nil; anything else must be the wrapped type's.
    @inlinable public init?(stored: Value) {
        if stored == .null {
            self = nil
        } else if let value = Wrapped(stored: stored) {
            self = .some(value)
        } else {
            return nil
        }
    }
}

extension Storable where Self: RawRepresentable, RawValue == String {
    /// A text column that holds the raw value.
    @inlinable public var stored: Value { .text(rawValue) }

    /// From a text column that holds one of the raw values.
    @inlinable public init?(stored: Value) {
        guard case .text(let text) = stored else { return nil }
        self.init(rawValue: text)
    }
}

/// A value of a column.
///
/// All supported engines have these types.
public enum Value: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
}

/// A Swift type that can be stored in a column.
///
/// One protocol has both directions, so that a type is read in the form in which it was written.
public protocol Storable {
    /// The value for the column.
    var stored: Value { get }
    /// Reads a column; nil if it has another type or no valid value.
    init?(stored: Value)
}

extension Value: Storable {
    /// The value itself.
    public var stored: Value { self }

    /// The value itself.
    public init?(stored: Value) { self = stored }
}

extension Int64: Storable {
    /// Stored in an integer column.
    @inlinable public var stored: Value { .integer(self) }

    /// Reads an integer column.
    @inlinable public init?(stored: Value) {
        guard case .integer(let value) = stored else { return nil }
        self = value
    }
}

extension String: Storable {
    /// Stored in a text column.
    @inlinable public var stored: Value { .text(self) }

    /// Reads a text column.
    @inlinable public init?(stored: Value) {
        guard case .text(let value) = stored else { return nil }
        self = value
    }
}

extension Bool: Storable {
    /// Stored in an integer column as 0 or 1.
    @inlinable public var stored: Value { .integer(self ? 1 : 0) }

    /// Reads an integer column: 0 is false, 1 is true, any other value is invalid.
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

    /// NULL is nil; any other value must be valid for the wrapped type.
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
    /// Stored in a text column as the raw value.
    @inlinable public var stored: Value { .text(rawValue) }

    /// Reads a text column with one of the raw values.
    @inlinable public init?(stored: Value) {
        guard case .text(let text) = stored else { return nil }
        self.init(rawValue: text)
    }
}

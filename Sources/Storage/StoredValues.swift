public import Values

extension Money: Storable {
    /// Stored in an integer column.
    @inlinable public var stored: Value { .integer(minorUnits) }

    /// Reads an integer column.
    @inlinable public init?(stored: Value) {
        guard case .integer(let value) = stored else { return nil }
        self.init(minorUnits: value)
    }
}

extension Instant: Storable {
    /// Stored in an integer column.
    @inlinable public var stored: Value { .integer(milliseconds) }

    /// Reads an integer column.
    @inlinable public init?(stored: Value) {
        guard case .integer(let value) = stored else { return nil }
        self.init(milliseconds: value)
    }
}

extension Day: Storable {
    /// Stored in an integer column.
    public var stored: Value { .integer(number) }

    /// Reads an integer column.
    public init?(stored: Value) {
        guard case .integer(let value) = stored else { return nil }
        self.init(number: value)
    }
}

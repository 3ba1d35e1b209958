public import Values

extension Money: Storable {
    /// An integer column.
    @inlinable public var stored: Value { .integer(minorUnits) }

    /// From an integer column.
    @inlinable public init?(stored: Value) {
        guard case .integer(let value) = stored else { return nil }
        self.init(minorUnits: value)
    }
}

extension Instant: Storable {
    /// An integer column.
    @inlinable public var stored: Value { .integer(milliseconds) }

    /// From an integer column.
    @inlinable public init?(stored: Value) {
        guard case .integer(let value) = stored else { return nil }
        self.init(milliseconds: value)
    }
}

extension Day: Storable {
    /// An integer column.
    public var stored: Value { .integer(number) }

    /// From an integer column.
    public init?(stored: Value) {
        guard case .integer(let value) = stored else { return nil }
        self.init(number: value)
    }
}

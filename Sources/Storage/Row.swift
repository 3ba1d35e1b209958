/// One row of a result, decoded by column name.
public struct Row: Sendable {
    @usableFromInline let columns: [String]
    @usableFromInline let values: [Value]

    /// A row as an engine read it: as many values as columns.
    public init(columns: [String], values: [Value]) {
        self.columns = columns
        self.values = values
    }

    /// The column `name` as the type asked for.
    ///
    /// Inlinable, like what it calls on `Storable`: unspecialised, a list spent a third of its time
    /// on looking types up.
    /// - Throws: `StoreError.column` where it is missing or holds another type: a fault of ours,
    ///   never of the sender.
    @inlinable public subscript<T: Storable>(name: String) -> T {
        get throws {
            guard let index = columns.firstIndex(of: name) else {
                throw StoreError.column(name, "is not in the result")
            }
            guard let value = T(stored: values[index]) else {
                throw StoreError.column(name, "is no \(T.self): \(values[index])")
            }
            return value
        }
    }
}

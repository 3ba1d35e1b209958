import Synchronization

/// One row of a result, decoded by column name.
public struct Row: Sendable {
    @usableFromInline let columns: Columns
    @usableFromInline var values: [Value]

    /// Creates a row with as many values as columns.
    public init(columns: Columns, values: [Value]) {
        self.columns = columns
        self.values = values
    }

    /// The values in the order of the columns.
    public var allValues: [Value] { values }

    /// Becomes the next row, whose column `n` is `value(n)`.
    ///
    /// It reuses its memory unless a copy of this row exists.
    public mutating func advance(_ value: (Int) throws -> Value) rethrows {
        values.removeAll(keepingCapacity: true)
        values.reserveCapacity(columns.names.count)
        for column in columns.names.indices { values.append(try value(column)) }
    }

    /// The column `name` as the requested type.
    ///
    /// Inlinable, like the functions of `Storable` that it calls. Unspecialised, a list spent a
    /// third of its time on type metadata.
    /// - Throws: `StoreError.column` if the column is missing or has another type, which is a
    ///   programming error.
    @inlinable public subscript<T: Storable>(name: String) -> T {
        get throws {
            guard let index = columns.index(of: name) else {
                throw StoreError.column(name, "is not in the result")
            }
            guard let value = T(stored: values[index]) else {
                throw StoreError.column(name, "is not \(T.self): \(values[index])")
            }
            return value
        }
    }
}

/// The column names of a result, which its rows share.
public final class Columns: Sendable {
    /// The names in the order of the result.
    public let names: [String]
    /// The most likely index of the next name.
    private let next = Atomic(0)

    /// Creates the names of a result, in its order.
    public init(_ names: [String]) {
        self.names = names
    }

    /// The index of `name`.
    ///
    /// Code mostly reads columns in order, so the search begins after the last match.
    @usableFromInline func index(of name: String) -> Int? {
        let likely = next.load(ordering: .relaxed)
        if likely < names.count, names[likely] == name {
            next.store(likely + 1, ordering: .relaxed)
            return likely
        }
        guard let index = names.firstIndex(of: name) else { return nil }
        next.store(index + 1, ordering: .relaxed)
        return index
    }
}

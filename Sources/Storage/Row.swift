import Synchronization

/// One row of a result, decoded by column name.
public struct Row: Sendable {
    @usableFromInline let columns: Columns
    @usableFromInline var values: [Value]

    /// A row as an engine read it: as many values as columns.
    public init(columns: Columns, values: [Value]) {
        self.columns = columns
        self.values = values
    }

    /// Becomes the next row, whose column `n` is `value(n)`, in the same memory if nobody has kept
    /// this one.
    public mutating func advance(_ value: (Int) throws -> Value) rethrows {
        values.removeAll(keepingCapacity: true)
        values.reserveCapacity(columns.names.count)
        for column in columns.names.indices { values.append(try value(column)) }
    }

    /// The column `name` as the type asked for.
    ///
    /// Inlinable, like what it calls on `Storable`: unspecialised, a list spent a third of its time
    /// on looking types up.
    /// - Throws: `StoreError.column` where it is missing or holds another type: a fault of ours,
    ///   never of the sender.
    @inlinable public subscript<T: Storable>(name: String) -> T {
        get throws {
            guard let index = columns.index(of: name) else {
                throw StoreError.column(name, "is not in the result")
            }
            guard let value = T(stored: values[index]) else {
                throw StoreError.column(name, "is no \(T.self): \(values[index])")
            }
            return value
        }
    }
}

/// The names of a result's columns, which its rows share.
public final class Columns: Sendable {
    /// In the order of the result.
    public let names: [String]
    /// Where the next name is most likely to be.
    private let next = Atomic(0)

    /// Names in the order of the result.
    public init(_ names: [String]) {
        self.names = names
    }

    /// Where `name` stands.
    ///
    /// Columns are mostly read in their order, so the one behind the last is looked at first.
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

/// A value that is decoded from one row of a query.
///
/// `tx.all(Review.self, "WHERE review.id = 7")` runs `SELECT columns FROM source WHERE …`.
public protocol Record: Sendable {
    /// What a value needs besides its row, such as the shop's currency.
    associatedtype Context: Sendable = Void

    /// The columns, for SELECT and RETURNING.
    static var columns: SQL { get }
    /// The table and its joins.
    static var source: SQL { get }

    /// Decodes a row that has `columns`.
    /// - Throws: `StoreError.column`.
    init(_ row: Row, _ context: Context) throws
}

extension Record where Context == Void {
    /// Decodes a row that has `columns`.
    /// - Throws: `StoreError.column`.
    @inlinable public init(_ row: Row) throws { try self.init(row, ()) }
}

extension Transaction {
    /// The values that `clause` selects; it holds WHERE, ORDER BY and LIMIT.
    @inlinable public func all<T: Record>(_ type: T.Type, _ clause: SQL, _ context: T.Context)
        throws -> [T]
    {
        try all("SELECT \(T.columns) FROM \(T.source) \(clause)") { try T($0, context) }
    }

    /// The first value that `clause` selects, or nil.
    @inlinable public func first<T: Record>(_ type: T.Type, _ clause: SQL, _ context: T.Context)
        throws -> T?
    {
        try first("SELECT \(T.columns) FROM \(T.source) \(clause)").map { try T($0, context) }
    }

    /// The values that `clause` selects; it holds WHERE, ORDER BY and LIMIT.
    @inlinable public func all<T: Record>(_ type: T.Type, _ clause: SQL) throws -> [T]
    where T.Context == Void {
        try all(type, clause, ())
    }

    /// The first value that `clause` selects, or nil.
    @inlinable public func first<T: Record>(_ type: T.Type, _ clause: SQL) throws -> T?
    where T.Context == Void {
        try first(type, clause, ())
    }
}

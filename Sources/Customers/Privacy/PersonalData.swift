public import HTTP
public import Storage

/// What a slice above this one holds about people: how it is shown to them, and how it forgets
/// them.
///
/// Customers stands below the other slices and cannot call them, so the responder's main hands
/// these in.
public struct PersonalData: Sendable {
    let name: StaticString
    let export: @Sendable (Int64, any Transaction) throws -> [any JSONWritable]
    let erase: @Sendable (Int64, any Transaction) throws -> Void

    /// A member `name` of the export, for a customer's id; `erase` leaves nothing that a person
    /// could be known by.
    public init(
        _ name: StaticString,
        export: @escaping @Sendable (Int64, any Transaction) throws -> [any JSONWritable],
        erase: @escaping @Sendable (Int64, any Transaction) throws -> Void = { _, _ in }
    ) {
        self.name = name
        self.export = export
        self.erase = erase
    }
}

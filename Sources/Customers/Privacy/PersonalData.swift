public import HTTP
public import Storage

/// How a slice above this one exports and erases the data that it has about a person.
///
/// Customers is below the other slices and cannot call them. So the `main` of the responder passes
/// these values in.
public struct PersonalData: Sendable {
    /// The member of the export; nil if the export leaves the data out.
    let name: StaticString?
    let export: @Sendable (Int64, any Transaction) throws -> [any JSONWritable]
    let erase: @Sendable (Int64, any Transaction) throws -> Void

    /// Declares the member `name` of the export, for a customer's id.
    ///
    /// `erase` must leave nothing that identifies the person. It throws a `Problem` if the person
    /// cannot be erased yet.
    public init(
        _ name: StaticString,
        export: @escaping @Sendable (Int64, any Transaction) throws -> [any JSONWritable],
        erase: @escaping @Sendable (Int64, any Transaction) throws -> Void = { _, _ in }
    ) {
        self.name = name
        self.export = export
        self.erase = erase
    }

    /// Declares data that an export leaves out; `erase` is as above.
    public init(erase: @escaping @Sendable (Int64, any Transaction) throws -> Void) {
        name = nil
        export = { _, _ in [] }
        self.erase = erase
    }
}

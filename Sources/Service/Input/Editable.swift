import HTTP
public import Storage

/// The part of a resource that clients can set, with its fields listed once.
///
/// The list drives creation, PATCH, INSERT, UPDATE, CSV files, comparison and the audit log. Only
/// the row decoder and the JSON writer name the fields again, because every read runs them.
public protocol Editable: Sendable {
    /// Creates the value that reading fills.
    init()

    /// The fields, in the order in which faults are listed.
    static var fields: [EditableField<Self>] { get }
}

/// A field of an `Editable`: its property, its check and its name in JSON, CSV and the database.
public struct EditableField<Root: Sendable>: Sendable {
    /// The name of the JSON member, the CSV column and the table column.
    public let name: StaticString
    /// Whether the field always has a value.
    public let isRequired: Bool
    /// Whether the value is an integer.
    public let isInteger: Bool
    /// Whether the value is a Boolean.
    public let isFlag: Bool
    let create: @Sendable (inout Fields, inout Root) -> Void
    let change: @Sendable (inout Fields) -> (@Sendable (inout Root) -> Void)?
    let stored: @Sendable (Root) -> Value

    /// A field that always has a value.
    public static func required<V: Storable & Sendable>(
        _ name: StaticString, _ property: WritableKeyPath<Root, V> & Sendable, _ check: Check<V>
    ) -> EditableField {
        let member = "\(name)"
        return EditableField(
            name: name, isRequired: true, isInteger: isInteger(check.placeholder),
            isFlag: V.self == Bool.self,
            create: { fields, root in root[keyPath: property] = fields.required(member, check) },
            change: { fields in
                guard let value = fields.changed(member, check) else { return nil }
                return { root in root[keyPath: property] = value }
            },
            stored: { $0[keyPath: property].stored })
    }

    /// A field that may be null.
    public static func optional<V: Storable & Sendable>(
        _ name: StaticString, _ property: WritableKeyPath<Root, V?> & Sendable, _ check: Check<V>
    ) -> EditableField {
        let member = "\(name)"
        return EditableField(
            name: name, isRequired: false, isInteger: isInteger(check.placeholder),
            isFlag: V.self == Bool.self,
            create: { fields, root in root[keyPath: property] = fields.optional(member, check) },
            change: { fields in
                guard case .set(let value) = fields.change(member, check) else { return nil }
                return { root in root[keyPath: property] = value }
            },
            stored: { $0[keyPath: property].stored })
    }

    /// A field that always has a value: that of `Root()` if it is omitted or null.
    public static func standard<V: Storable & Sendable>(
        _ name: StaticString, _ property: WritableKeyPath<Root, V> & Sendable, _ check: Check<V>
    ) -> EditableField where Root: Editable {
        let member = "\(name)"
        return EditableField(
            name: name, isRequired: false, isInteger: isInteger(check.placeholder),
            isFlag: V.self == Bool.self,
            create: { fields, root in
                if let value = fields.optional(member, check) { root[keyPath: property] = value }
            },
            change: { fields in
                guard case .set(let value) = fields.change(member, check) else { return nil }
                return { root in root[keyPath: property] = value ?? Root()[keyPath: property] }
            },
            stored: { $0[keyPath: property].stored })
    }

    private static func isInteger(_ value: some Storable) -> Bool {
        if value is Bool { return false }
        return if case .integer = value.stored { true } else { false }
    }

    /// The value for the column.
    public func value(of root: Root) -> Value { stored(root) }

    /// Whether both values are the same, byte for byte.
    public func isSame(_ left: Root, _ right: Root) -> Bool {
        switch (stored(left), stored(right)) {
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (let left, let right): left == right
        }
    }
}

extension Editable {
    /// Reads every field of a new resource.
    public init(_ input: inout Fields) {
        self.init()
        for field in Self.fields { field.create(&input, &self) }
    }

    /// The column names: `sku, name`.
    public static var columns: SQL {
        fields.map { SQL(stringLiteral: $0.name) }.commaSeparated
    }

    /// The values for INSERT, in the order of `columns`.
    public var values: SQL { Self.fields.map { "\($0.stored(self))" as SQL }.commaSeparated }

    /// The assignments for UPDATE: `sku = …, name = …`.
    public var assignments: SQL {
        Self.fields.map { "\(SQL(stringLiteral: $0.name)) = \($0.stored(self))" }.commaSeparated
    }

    /// Whether all fields are the same, byte for byte.
    public func isSame(as other: Self) -> Bool {
        Self.fields.allSatisfy { $0.isSame(self, other) }
    }

    /// The fields that differ from `other`, as a JSON object for the audit log.
    ///
    /// Without `other` it contains all fields. Texts are cut to 200 code points.
    public func changes(from other: Self?) -> String {
        let changed = Self.fields.filter { field in other.map { !field.isSame(self, $0) } ?? true }
        let members = changed.map { ($0.name, $0.stored(self), $0.isFlag) }
        let json = JSONWriter.bytes(of: StoredMembers(members: members))
        return String(decoding: json, as: UTF8.self)
    }
}

/// The body of a PATCH (RFC 7396): an omitted field stays unchanged, and null clears it.
public struct Edit<Root: Editable>: Input {
    /// The names of the fields in the body.
    public let names: [StaticString]
    private let changes: [@Sendable (inout Root) -> Void]

    /// Reads the fields.
    public init(_ input: inout Fields) {
        var names: [StaticString] = []
        var changes: [@Sendable (inout Root) -> Void] = []
        for field in Root.fields {
            guard let change = field.change(&input) else { continue }
            names.append(field.name)
            changes.append(change)
        }
        (self.names, self.changes) = (names, changes)
    }

    /// `root` after the change.
    public func applied(to root: Root) -> Root {
        var root = root
        for change in changes { change(&root) }
        return root
    }
}

extension [SQL] {
    /// The parts, separated by commas.
    fileprivate var commaSeparated: SQL {
        dropFirst().reduce(first ?? "") { "\($0), \($1)" }
    }
}

private struct StoredMembers: JSONWritable {
    let members: [(name: StaticString, value: Value, isFlag: Bool)]

    func write(to json: inout JSONWriter) {
        json.object {
            for (name, value, isFlag) in members {
                switch value {
                case .null: $0.field(name, String?.none)
                case .integer(let integer) where isFlag: $0.field(name, integer != 0)
                case .integer(let integer): $0.field(name, integer)
                case .text(let text):
                    let beginning = String.UnicodeScalarView(text.unicodeScalars.prefix(200))
                    $0.field(name, String(beginning))
                }
            }
        }
    }
}

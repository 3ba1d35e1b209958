import HTTP

/// The input of a request: the members of a JSON body or the parameters of a query.
///
/// An `init` reads all of its fields and does not stop at the first fault. The creator of the
/// `Fields` throws all faults together.
public protocol Input: Sendable {
    /// Reads `fields`.
    ///
    /// The value is discarded if any field is faulty.
    init(_ fields: inout Fields)
}

/// A change of a nullable field (RFC 7396): an omitted field stays unchanged, and null clears it.
public enum Change<Value: Sendable>: Sendable {
    case keep
    case set(Value?)

    /// The value of the field after the change.
    public func applied(to current: Value?) -> Value? {
        switch self {
        case .keep: current
        case .set(let value): value
        }
    }
}

/// The named values of a request, and the faults found so far.
public struct Fields: Sendable {
    private var members: [ClientJSON.Member]
    private var isRead: [Bool]
    /// Whether values are text, as in a query: numbers and Booleans are then parsed from it.
    private let isTextual: Bool
    /// The path of the requested list; cursors of other lists are rejected.
    let list: String
    private(set) var faults: [Problem.Fault] = []

    /// Whether a field that was read is faulty.
    public var hasFaults: Bool { !faults.isEmpty }

    /// Whether the field `name` is faulty.
    public func hasFault(_ name: String) -> Bool { faults.contains { $0.field == name } }

    /// The largest number of listed faults, so that the response is not larger than the request.
    static let faultsMax = 100
    /// The length in bytes at which member names are cut in the list of faults.
    private static let nameBytesMax = 100

    init(_ members: [ClientJSON.Member], isTextual: Bool = false, list: String = "") {
        self.members = members
        self.isRead = Array(repeating: false, count: members.count)
        self.isTextual = isTextual
        self.list = list
    }

    /// Adds a fault of the field `name`.
    public mutating func fault(_ name: String, _ message: String) {
        guard faults.count < Fields.faultsMax else { return }
        faults.append(Problem.Fault(field: name, message: message))
    }

    /// Reads a field that must be present.
    public mutating func required<T>(_ name: String, _ check: Check<T>) -> T {
        guard let value = take(name) else {
            fault(name, "is missing")
            return check.placeholder
        }
        return read(value, name, check)
    }

    /// Reads a field that may be omitted or null.
    public mutating func optional<T>(_ name: String, _ check: Check<T>) -> T? {
        guard let value = take(name), !value.isNull else { return nil }
        return read(value, name, check)
    }

    /// Reads a change of a field that is not nullable; nil if it is omitted.
    public mutating func changed<T>(_ name: String, _ check: Check<T>) -> T? {
        take(name).map { read($0, name, check) }
    }

    /// Reads a change of a nullable field.
    public mutating func change<T>(_ name: String, _ check: Check<T>) -> Change<T> {
        guard let value = take(name) else { return .keep }
        return .set(value.isNull ? nil : read(value, name, check))
    }

    /// Reads a list of objects; faults name the position, such as `items[2].quantity`.
    ///
    /// No two elements may have the same number in the field `distinct`. The check compares the
    /// values as sent, because two faulty ones would have the same placeholder.
    public mutating func list<T: Input>(
        _ name: String, count: ClosedRange<Int>, of type: T.Type, distinct: String? = nil
    ) -> [T] {
        guard let value = take(name) else {
            fault(name, "is missing")
            return []
        }
        guard case .array(let elements) = value, count.contains(elements.count) else {
            fault(name, "must be a list of \(count.lowerBound) to \(count.upperBound) objects")
            return []
        }
        var seen: Set<Int64> = []
        var inputs: [T] = []
        inputs.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .object(let members) = element else {
                fault("\(name)[\(index)]", "must be an object")
                continue
            }
            var fields = Fields(members)
            inputs.append(T(&fields))
            fields.refuseTheRest()
            if let distinct,
                case .integer(let value)? = members.first(where: { $0.name.isSame(as: distinct) })?
                    .value,
                !seen.insert(value).inserted
            {
                fields.fault(distinct, "duplicates another line")
            }
            note(fields.faults, in: "\(name)[\(index)]")
        }
        return inputs
    }

    /// Adds the faults of an element at `place`.
    mutating func note(_ inner: [Problem.Fault], in place: @autoclosure () -> String) {
        for fault in inner.prefix(Fields.faultsMax - faults.count) {
            faults.append(.init(field: "\(place()).\(fault.field)", message: fault.message))
        }
    }

    /// Reads a list that may be omitted or null.
    public mutating func optionalList<T: Input>(
        _ name: String, count: ClosedRange<Int>, of type: T.Type, distinct: String
    ) -> [T]? {
        guard members.contains(where: { $0.name.isSame(as: name) && !$0.value.isNull }) else {
            _ = take(name)
            return nil
        }
        return list(name, count: count, of: type, distinct: distinct)
    }

    /// Reads a list of different values; faults name the position, such as `scopes[2]`.
    public mutating func values<T: Hashable>(
        _ name: String, count: ClosedRange<Int>, _ check: Check<T>
    ) -> [T] {
        guard let value = take(name) else {
            fault(name, "is missing")
            return []
        }
        guard case .array(let elements) = value, count.contains(elements.count) else {
            fault(name, "must be a list of \(count.lowerBound) to \(count.upperBound) values")
            return []
        }
        var values: [T] = []
        for (index, element) in elements.enumerated() {
            if let value = check.read(element) {
                if values.contains(value) { fault("\(name)[\(index)]", "is repeated") }
                values.append(value)
            } else {
                fault("\(name)[\(index)]", check.rule())
            }
        }
        return values
    }

    /// Reads a list of different values that may be omitted or null.
    public mutating func optionalValues<T: Hashable>(
        _ name: String, count: ClosedRange<Int>, _ check: Check<T>
    ) -> [T] {
        guard members.contains(where: { $0.name.isSame(as: name) && !$0.value.isNull }) else {
            _ = take(name)
            return []
        }
        return values(name, count: count, check)
    }

    /// Adds a fault for every unknown name.
    mutating func refuseTheRest() {
        for (index, member) in members.enumerated() where !isRead[index] {
            guard faults.count < Fields.faultsMax else { return }
            fault(member.name.beginning(bytesMax: Fields.nameBytesMax), "is not a known field")
        }
    }

    mutating func take(_ name: String) -> ClientJSON? {
        var found: ClientJSON?
        for index in members.indices where members[index].name.isSame(as: name) {
            if found != nil, !isRead[index] { fault(name, "is repeated") }
            isRead[index] = true
            found = members[index].value
        }
        return found
    }

    private mutating func read<T>(_ value: ClientJSON, _ name: String, _ check: Check<T>) -> T {
        if let result = check.read(value) ?? typed(value).flatMap(check.read) { return result }
        let hint = isTextual ? check.hint(value) : nil
        fault(name, check.rule() + (hint ?? ""))
        return check.placeholder
    }

    /// The number or Boolean that a query text spells.
    private func typed(_ value: ClientJSON) -> ClientJSON? {
        guard isTextual, case .string(let text) = value else { return nil }
        if text.isSame(as: "true") { return .bool(true) }
        if text.isSame(as: "false") { return .bool(false) }
        // At most a sign and 19 digits.
        guard let digits = text.string(bytesMax: 20), let integer = Int64(digits),
            text.isSame(as: String(integer))
        else { return nil }
        return .integer(integer)
    }
}

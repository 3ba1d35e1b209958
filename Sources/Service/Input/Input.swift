import HTTP

/// What a request brings: the members of a JSON body, or the parameters of a query.
///
/// An `init` reads every field it knows and never stops at the first fault; whoever made the
/// `Fields` throws them all together.
public protocol Input: Sendable {
    /// Reads `fields`.
    ///
    /// What it makes of a faulty one is never used.
    init(_ fields: inout Fields)
}

/// A change to a field that may be null (RFC 7396): left out, it stays; null, it goes.
public enum Change<Value: Sendable>: Sendable {
    case keep
    case set(Value?)

    /// Whether it is one.
    public var isSet: Bool {
        if case .set = self { true } else { false }
    }

    /// The field after the change.
    public func applied(to current: Value?) -> Value? {
        switch self {
        case .keep: current
        case .set(let value): value
        }
    }
}

/// Named values that were sent, and every fault found in them so far.
public struct Fields: Sendable {
    private var members: [ClientJSON.Member]
    private var isRead: [Bool]
    /// A query knows only text, so a number is read out of it.
    private let isTextual: Bool
    /// The path of the list that a query asks for; a cursor is good for no other.
    let list: String
    private(set) var faults: [Problem.Fault] = []

    /// The largest number of faults that are listed: the answer must not be larger than its cause.
    static let faultsMax = 100
    /// Longer names of members are cut in the list of faults.
    private static let nameBytesMax = 100

    init(_ members: [ClientJSON.Member], isTextual: Bool = false, list: String = "") {
        self.members = members
        self.isRead = Array(repeating: false, count: members.count)
        self.isTextual = isTextual
        self.list = list
    }

    /// Notes that `name` is not as it should be.
    public mutating func fault(_ name: String, _ message: String) {
        guard faults.count < Fields.faultsMax else { return }
        faults.append(Problem.Fault(field: name, message: message))
    }

    /// A field that must be there.
    public mutating func required<T>(_ name: String, _ check: Check<T>) -> T {
        guard let value = take(name) else {
            fault(name, "is missing")
            return check.placeholder
        }
        return read(value, name, check)
    }

    /// A field that may be left out; null is the same as leaving it out.
    public mutating func optional<T>(_ name: String, _ check: Check<T>) -> T? {
        guard let value = take(name), !value.isNull else { return nil }
        return read(value, name, check)
    }

    /// A change to a field that has always a value: nil where it is left out.
    public mutating func changed<T>(_ name: String, _ check: Check<T>) -> T? {
        take(name).map { read($0, name, check) }
    }

    /// A change to a field that may be null.
    public mutating func change<T>(_ name: String, _ check: Check<T>) -> Change<T> {
        guard let value = take(name) else { return .keep }
        return .set(value.isNull ? nil : read(value, name, check))
    }

    /// A list of objects; the faults inside are told by their place, such as `items[2].quantity`.
    ///
    /// No two may have the same number as their `distinct`. It is compared as it was sent: a faulty
    /// one has a placeholder that would look like another's.
    public mutating func list<T: Input>(
        _ name: String, count: ClosedRange<Int>, of type: T.Type, distinct: String
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
            if case .integer(let value)? = members.first(where: { $0.name.isSame(as: distinct) })?
                .value,
                !seen.insert(value).inserted
            {
                fields.fault(distinct, "duplicates another line")
            }
            note(fields.faults, in: "\(name)[\(index)]")
        }
        return inputs
    }

    /// Notes what is wrong inside of `place`.
    private mutating func note(_ inner: [Problem.Fault], in place: @autoclosure () -> String) {
        for fault in inner.prefix(Fields.faultsMax - faults.count) {
            faults.append(.init(field: "\(place()).\(fault.field)", message: fault.message))
        }
    }

    /// The same for a list that may be left out, or null.
    public mutating func optionalList<T: Input>(
        _ name: String, count: ClosedRange<Int>, of type: T.Type, distinct: String
    ) -> [T]? {
        guard members.contains(where: { $0.name.isSame(as: name) && !$0.value.isNull }) else {
            _ = take(name)
            return nil
        }
        return list(name, count: count, of: type, distinct: distinct)
    }

    /// Notes every name that nobody asked for.
    mutating func refuseTheRest() {
        for (index, member) in members.enumerated() where !isRead[index] {
            guard faults.count < Fields.faultsMax else { return }
            fault(member.name.beginning(bytesMax: Fields.nameBytesMax), "is not a known field")
        }
    }

    private mutating func take(_ name: String) -> ClientJSON? {
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

    /// The number or truth value that a text of a query spells.
    private func typed(_ value: ClientJSON) -> ClientJSON? {
        guard isTextual, case .string(let text) = value else { return nil }
        if text.isSame(as: "true") { return .bool(true) }
        if text.isSame(as: "false") { return .bool(false) }
        // A sign and 19 digits at most.
        guard let digits = text.string(bytesMax: 20), let integer = Int64(digits),
            text.isSame(as: String(integer))
        else { return nil }
        return .integer(integer)
    }
}

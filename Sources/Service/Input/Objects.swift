import HTTP

/// An object in the input, or the id of a stored one.
public enum ObjectOrID<Value: Input>: Sendable {
    case object(Value)
    case id(Int64)
}

extension Fields {
    /// Reads an object that may be omitted or null; faults name its fields: `address.city`.
    public mutating func optionalObject<T: Input>(_ name: String, of type: T.Type) -> T? {
        guard let value = take(name), !value.isNull else { return nil }
        guard case .object(let members) = value else {
            fault(name, "must be an object")
            return nil
        }
        return object(members, name, of: type)
    }

    /// Reads an object, or the id of a stored one, that may be omitted or null.
    public mutating func optionalObjectOrID<T: Input>(_ name: String, of type: T.Type)
        -> ObjectOrID<T>?
    {
        guard let value = take(name), !value.isNull else { return nil }
        if case .object(let members) = value { return .object(object(members, name, of: type)) }
        if let id = Check.id.read(value) { return .id(id) }
        fault(name, "must be an object or an id")
        return nil
    }

    /// Reads a change of an object, or of the id of a stored one: null clears it.
    public mutating func changeOfObjectOrID<T: Input>(_ name: String, of type: T.Type)
        -> Change<ObjectOrID<T>>
    {
        guard let value = take(name) else { return .keep }
        if value.isNull { return .set(nil) }
        if case .object(let members) = value {
            return .set(.object(object(members, name, of: type)))
        }
        if let id = Check.id.read(value) { return .set(.id(id)) }
        fault(name, "must be an object or an id")
        return .keep
    }

    private mutating func object<T: Input>(
        _ members: [ClientJSON.Member], _ name: String, of type: T.Type
    ) -> T {
        var fields = Fields(members)
        let object = T(&fields)
        fields.refuseTheRest()
        note(fields.faults, in: name)
        return object
    }
}

extension Check {
    /// A list of `count` values that each satisfy this check; `rule` is the whole message.
    public func list<List: Sendable>(
        _ count: ClosedRange<Int>, rule: @autoclosure @escaping @Sendable () -> String,
        _ make: @escaping @Sendable ([Value]) -> List
    ) -> Check<List> {
        let check = self
        return Check<List>(
            placeholder: make([]), rule: rule,
            read: {
                guard case .array(let elements) = $0, count.contains(elements.count)
                else { return nil }
                let values = elements.compactMap(check.read)
                return values.count == elements.count ? make(values) : nil
            })
    }
}

import HTTP

/// The members of a stored document.
struct StoredFields: Sendable {
    private let members: [ClientJSON.Member]

    /// Reads the JSON of a document.
    ///
    /// - Throws: `Problem` if it is not JSON.
    init(parsing text: String) throws {
        self.init(try ClientJSON(stored: text))
    }

    private init(_ json: ClientJSON) {
        if case .object(let members) = json { self.members = members } else { members = [] }
    }

    private func value(_ name: StaticString) -> ClientJSON? {
        let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return members.first { $0.name.utf8.elementsEqual(bytes) }?.value
    }

    /// A text; nil if the member is missing or null.
    func text(_ name: StaticString) -> String? {
        if case .string(let text)? = value(name) { String(text.utf8) } else { nil }
    }

    /// An integer; 0 if the member is missing or null.
    func integer(_ name: StaticString) -> Int64 {
        if case .integer(let number)? = value(name) { number } else { 0 }
    }

    /// Whether a member is true.
    func flag(_ name: StaticString) -> Bool {
        if case .bool(let flag)? = value(name) { flag } else { false }
    }

    /// An object; nil if the member is missing or null.
    func object(_ name: StaticString) -> StoredFields? {
        if case .object(let members)? = value(name) { StoredFields(.object(members)) } else { nil }
    }

    /// The objects of an array.
    func objects(_ name: StaticString) -> [StoredFields] {
        if case .array(let elements)? = value(name) { elements.map(StoredFields.init) } else { [] }
    }

    /// The texts of an array.
    func texts(_ name: StaticString) -> [String] {
        guard case .array(let elements)? = value(name) else { return [] }
        return elements.compactMap {
            if case .string(let text) = $0 { String(text.utf8) } else { nil }
        }
    }
}

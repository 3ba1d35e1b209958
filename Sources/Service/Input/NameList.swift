public import HTTP
public import Storage

/// A list of different names without spaces, in the order in which they were sent.
public struct NameList: Sendable, Equatable {
    /// The names.
    public let names: [String]

    /// Creates a list of names that contain no spaces.
    public init(_ names: [String]) {
        self.names = names
    }
}

extension NameList: Storable {
    /// Stored in a text column, separated by spaces.
    public var stored: Value { .text(names.joined(separator: " ")) }

    /// Reads a text column.
    public init?(stored: Value) {
        guard case .text(let text) = stored else { return nil }
        names = text.split(separator: " ").map(String.init)
    }
}

extension NameList: JSONWritable {
    /// Writes an array of strings.
    public func write(to json: inout JSONWriter) { names.write(to: &json) }
}

extension Check<NameList> {
    /// A list of `count` different names of at most `bytesMax` bytes, each one that `isAllowed`
    /// accepts; `rule` is the whole message.
    public static func names(
        _ count: ClosedRange<Int>, bytesMax: Int,
        rule: @autoclosure @escaping @Sendable () -> String,
        where isAllowed: @escaping @Sendable (String) -> Bool
    ) -> Check {
        Check(
            placeholder: NameList([]), rule: rule,
            read: {
                guard case .array(let elements) = $0, count.contains(elements.count)
                else { return nil }
                var names: [String] = []
                for element in elements {
                    guard case .string(let sent) = element,
                        let name = sent.string(bytesMax: bytesMax), isAllowed(name),
                        !names.contains(name)
                    else { return nil }
                    names.append(name)
                }
                return NameList(names)
            })
    }
}

import Crypto
import HTTP
import Storage

/// The end of a page: the list with its sort order, and the position of the last row.
///
/// Clients treat it as opaque, and it is validated when it comes back. It contains only values that
/// the row showed.
struct Cursor: Sendable, Equatable {
    /// The path and the sort, such as `/inventory price`: other lists may have sorts of the same
    /// name.
    let order: String
    let key: Value
    let id: Int64
}

extension Cursor {
    /// The longest cursor in bytes: 200 characters of 4 bytes each, escaped and in base64.
    private static let bytesMax = 4096

    /// `["/inventory price",1999,42]` in base64url without padding (RFC 4648 §5).
    var text: String {
        Base64URL.encode(JSONWriter.bytes(of: self))
    }

    /// Nil if `text` is not a cursor.
    init?(_ text: ClientText) {
        guard text.byteCount <= Cursor.bytesMax else { return nil }
        guard let bytes = Base64URL.decode(text.utf8),
            case .array(let parts)? = try? ClientJSON(parsing: bytes), parts.count == 3,
            case .string(let text) = parts[0], let order = text.string(bytesMax: Cursor.bytesMax),
            let key = Value(parts[1]),
            case .integer(let id) = parts[2]
        else { return nil }
        self.init(order: order, key: key, id: id)
    }
}

extension Cursor: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.array([Part.value(.text(order)), .value(key), .value(.integer(id))])
    }

    private enum Part: JSONWritable {
        case value(Value)

        func write(to json: inout JSONWriter) {
            switch self {
            case .value(.null): json.literal("null")
            case .value(.integer(let integer)): json.integer(integer)
            case .value(.text(let text)): json.string(text)
            }
        }
    }
}

extension Value {
    fileprivate init?(_ json: ClientJSON) {
        switch json {
        case .null: self = .null
        case .integer(let integer): self = .integer(integer)
        case .string(let text):
            guard let text = text.string(bytesMax: 4096) else { return nil }
            self = .text(text)
        default: return nil
        }
    }

    fileprivate func isLike(_ other: Value) -> Bool {
        switch (self, other) {
        case (.null, .null), (.integer, .integer), (.text, .text): true
        default: false
        }
    }
}

extension Check<Cursor> {
    /// A cursor that the same list issued for the same sort, with a key of the type of `key`.
    static func cursor(of order: String, like key: Storage.Value) -> Check {
        Check(
            placeholder: Cursor(order: order, key: key, id: 0),
            rule: { "must be the `next` of a page of this list in the same order" },
            read: {
                guard case .string(let text) = $0, let cursor = Cursor(text),
                    ClientText(cursor.order).isSame(as: order), cursor.key.isLike(key)
                else { return nil }
                return cursor
            })
    }
}

extension Check<String> {
    /// One of `names`.
    static func oneOf(_ names: [String]) -> Check {
        Check(
            placeholder: "", rule: { "must be one of: \(names.joined(separator: ", "))" },
            read: {
                guard case .string(let text) = $0 else { return nil }
                return names.first { text.isSame(as: $0) }
            })
    }
}

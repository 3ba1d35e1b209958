import Crypto
import HTTP
import Storage

/// Where a page ended: the list, the sort it was read by, and the last row's place in it.
///
/// Opaque to whoever gets it, and checked when it comes back; it holds nothing that the row did not
/// show.
struct Cursor: Sendable, Equatable {
    /// `/inventory price`: another list has other rows by the same name.
    let order: String
    let key: Value
    let id: Int64
}

extension Cursor {
    /// A name of 200 characters of 4 bytes each, escaped and in base64.
    private static let bytesMax = 4096

    /// `["/inventory price",1999,42]` in base64url without padding (RFC 4648 §5).
    var text: String {
        Base64URL.encode(JSONWriter.bytes(of: self))
    }

    /// Nil where `text` is not a cursor.
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
    /// A cursor that the list gave out in this order, whose keys are like `key`.
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

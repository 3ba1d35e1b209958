import CPQ
import Storage

/// The identifiers of types in `pg_type`, which are the same in every database.
///
/// https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
enum TypeID {
    static let unknown: Oid = 0
    static let bool: Oid = 16
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let unknownLiteral: Oid = 705
    static let bpchar: Oid = 1042
    static let varchar: Oid = 1043
    static let numeric: Oid = 1700
    static let xid8: Oid = 5069
}

extension Value {
    /// The type as which a parameter is bound.
    ///
    /// Without it the server would take the smallest type that fits the statement.
    var oid: Oid {
        switch self {
        case .null: TypeID.unknown
        case .integer: TypeID.int8
        case .text: TypeID.text
        }
    }
}

/// The parameters of a statement in libpq's binary format, in memory that is reused.
struct Parameters {
    private var bytes: [UInt8] = []
    /// The end of each value in `bytes`, and whether it is NULL.
    private var ends: [(end: Int, isNull: Bool)] = []
    private var pointers: [UnsafePointer<CChar>?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// Passes `values` to `body`.
    ///
    /// - Throws: `StoreError.engine` for a text with U+0000, which PostgreSQL cannot store.
    mutating func with(
        _ values: [Value], sql: () -> String,
        _ body: (
            Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?
        ) -> Int32
    ) throws -> Int32 {
        guard !values.isEmpty else { return body(0, nil, nil, nil) }
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        for value in values {
            switch value {
            case .null: break
            case .integer(let number):
                withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
            case .text(let text):
                let start = bytes.count
                bytes.append(contentsOf: text.utf8)
                guard !bytes[start...].contains(0) else {
                    throw StoreError.misuse("A text holds U+0000.", sql())
                }
            }
            ends.append((bytes.count, value == .null))
        }
        // An address is never nil: that would bind NULL instead of an empty text.
        bytes.append(0)
        return bytes.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { buffer in
                pointTo(buffer)
                return body(Int32(values.count), pointers, lengths, formats)
            }
        }
    }

    private mutating func pointTo(_ buffer: UnsafeBufferPointer<CChar>) {
        pointers.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        var start = 0
        for (end, isNull) in ends {
            pointers.append(isNull ? nil : buffer.baseAddress.map { $0 + start })
            lengths.append(Int32(end - start))
            start = end
        }
        while formats.count < ends.count { formats.append(1) }
    }
}

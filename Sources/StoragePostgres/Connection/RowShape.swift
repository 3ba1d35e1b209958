import CPQ
import Storage

/// The columns of a result and how to decode them.
final class RowShape {
    let columns: Columns
    private let types: [Oid]

    init(_ result: OpaquePointer) {
        let numbers = 0..<PQnfields(result)
        columns = Columns(
            numbers.map { PQfname(result, $0).map { String(cString: $0) } ?? "" })
        types = numbers.map { PQftype(result, $0) }
    }

    /// Passes the rows of `result` to `visit`, while that returns true.
    ///
    /// - Returns: whether `visit` saw all of them.
    @discardableResult
    func each(of result: OpaquePointer, _ visit: (Row) throws -> Bool) throws -> Bool {
        var row = Row(columns: columns, values: [])
        for line in 0..<PQntuples(result) {
            try row.advance { try value(of: result, line, column: $0) }
            guard try visit(row) else { return false }
        }
        return true
    }

    private func value(of result: OpaquePointer, _ line: Int32, column: Int) throws -> Value {
        let number = Int32(truncatingIfNeeded: column)
        let count = PQgetlength(result, line, number)
        guard count > 0 || PQgetisnull(result, line, number) == 0 else { return .null }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result, line, number), count: Int(count))
        switch types[column] {
        case TypeID.int8 where count == 8:
            return .integer(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        case TypeID.int4 where count == 4:
            return .integer(Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))))
        case TypeID.int2 where count == 2:
            return .integer(Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self))))
        case TypeID.bool where count == 1: return .integer(bytes[0] == 0 ? 0 : 1)
        case TypeID.oid where count == 4:
            return .integer(Int64(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))))
        case TypeID.xid8 where count == 8:
            let number = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
            return .integer(Int64(clamping: number))
        case TypeID.numeric:
            guard let integer = integer(ofNumeric: bytes) else {
                throw StoreError.column(columns.names[column], "holds a fraction")
            }
            return .integer(integer)
        case TypeID.text, TypeID.varchar, TypeID.bpchar, TypeID.name, TypeID.unknownLiteral:
            return .text(String(decoding: bytes, as: UTF8.self))
        case let type:
            throw StoreError.column(columns.names[column], "has the type \(type)")
        }
    }
}

/// Returns the value of a NUMERIC in the server's binary format, limited to 64 bits.
///
/// A number has digits to the base 10,000: their count, the power of the first one, the sign, the
/// count of decimals, and the digits, each in two bytes (`numeric_send` in the server's numeric.c).
///
/// - Returns: nil for a number with a fraction, an infinity or NaN.
func integer(ofNumeric bytes: UnsafeRawBufferPointer) -> Int64? {
    func word(_ index: Int) -> Int? {
        guard bytes.count >= 2 * index + 2 else { return nil }
        return Int(
            Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self)))
    }
    guard let count = word(0), let weight = word(1), let sign = word(2) else { return nil }
    let isNegative = sign == 0x4000
    guard sign == 0 || isNegative else { return nil }
    // Negative, so that the smallest number fits.
    var total: Int64 = 0
    var overflows = false
    for place in 0..<max(count, weight + 1) {
        guard let digit = place < count ? word(4 + place) : 0 else { return nil }
        guard place <= weight else {
            guard digit == 0 else { return nil }
            continue
        }
        let (shifted, tooBig) = total.multipliedReportingOverflow(by: 10_000)
        let (next, tooFar) = shifted.subtractingReportingOverflow(Int64(digit))
        overflows = overflows || tooBig || tooFar
        total = next
    }
    if overflows { return isNegative ? .min : .max }
    return isNegative ? total : total == .min ? .max : -total
}

public import HTTP
import HTTPTypes

/// A media type in which a resource is offered.
public enum OfferedType: String, Sendable {
    case json = "application/json"
    case html = "text/html"
    case csv = "text/csv"
}

extension Request {
    /// The type that the client prefers among `types` (RFC 9110 §12.5.1).
    ///
    /// The first one is the default: for a request without `Accept`, for equal weights, and if the
    /// client accepts none. The last case is allowed, and a response is of more use than 406.
    public func preferredType(of types: [OfferedType]) -> OfferedType {
        let ranges = (field(.accept) ?? "").utf8.prefix(acceptBytesMax)
            .split(separator: UInt8(ascii: ",")).map(MediaRange.init)
        var best = (type: types.first ?? .json, weight: 0)
        for type in types {
            let fitting = ranges.compactMap { range in
                range.rank(of: type).map { (rank: $0, weight: range.weight) }
            }
            let weight = fitting.max { $0.rank < $1.rank }?.weight ?? 0
            if weight > best.weight { best = (type, weight) }
        }
        return best.type
    }
}

extension Response {
    /// A 200 response whose media type depends on the request's `Accept`.
    ///
    /// It is for resources that require a token. No cache stores those, so `Vary` is not needed.
    public static func negotiated(_ type: OfferedType, _ body: [UInt8]) -> Response {
        let value = type == .json ? type.rawValue : "\(type.rawValue); charset=utf-8"
        return Response(status: .ok, fields: [.contentType: value], body: body)
    }
}

/// The bytes of an Accept field that are read; a browser sends fewer than 200.
private let acceptBytesMax = 1000

/// A range of an Accept field, such as `text/*;q=0.8`.
private struct MediaRange {
    let range: [UInt8]
    /// The weight in thousandths.
    let weight: Int

    init(_ text: Substring.UTF8View) {
        let parts = text.filter { $0 != 0x20 && $0 != 0x09 }.map(\.asciiLowercased)
            .split(separator: UInt8(ascii: ";"))
        range = parts.first.map(Array.init) ?? []
        let weights = parts.dropFirst().filter { $0.starts(with: "q=".utf8) }
        weight = weights.first.map { Self.thousandths($0.dropFirst(2)) } ?? 1000
    }

    /// Reads `0.8` or `1`; anything else is 0.
    private static func thousandths(_ digits: ArraySlice<UInt8>) -> Int {
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1")
        else { return 0 }
        if first == UInt8(ascii: "1") { return 1000 }
        var (sum, unit) = (0, 100)
        for digit in digits.dropFirst(2).prefix(3) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return 0 }
            sum += Int(digit - UInt8(ascii: "0")) * unit
            unit /= 10
        }
        return sum
    }

    /// How exactly the range names a type: 2 itself, 1 by `text/*`, 0 by `*/*`; nil if not at all.
    func rank(of type: OfferedType) -> Int? {
        let name = type.rawValue.utf8
        if range.elementsEqual(name) { return 2 }
        if range.elementsEqual("*/*".utf8) { return 0 }
        let group = name.prefix { $0 != UInt8(ascii: "/") }
        return range.elementsEqual(Array(group) + Array("/*".utf8)) ? 1 : nil
    }
}

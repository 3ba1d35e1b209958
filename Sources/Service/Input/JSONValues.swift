public import HTTP
import Storage
public import Values

extension Money: JSONWritable {
    /// Writes an integer of minor units.
    ///
    /// The currency is a separate member.
    public func write(to json: inout JSONWriter) { json.integer(minorUnits) }
}

extension Instant: JSONWritable {
    /// Writes RFC 3339 in UTC with milliseconds.
    public func write(to json: inout JSONWriter) {
        json.string(countMax: 24) { writeRFC3339(to: $0) }
    }
}

extension Day: JSONWritable {
    /// Writes `"2026-11-23"`.
    public func write(to json: inout JSONWriter) { json.string(text) }
}

extension JSONWritable where Self: RawRepresentable, RawValue == String {
    /// Writes the raw value.
    public func write(to json: inout JSONWriter) { json.string(rawValue) }
}

extension Role: JSONWritable {}

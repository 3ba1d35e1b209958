public import HTTP
import Storage
public import Values

extension Money: JSONWritable {
    /// An integer of minor units.
    ///
    /// Its currency stands beside it.
    public func write(to json: inout JSONWriter) { json.integer(minorUnits) }
}

extension Instant: JSONWritable {
    /// RFC 3339 in UTC with milliseconds.
    public func write(to json: inout JSONWriter) {
        json.string(countMax: 24) { writeRFC3339(to: $0) }
    }
}

extension Day: JSONWritable {
    /// Writes `"2026-11-23"`.
    public func write(to json: inout JSONWriter) { json.string(text) }
}

extension JSONWritable where Self: RawRepresentable, RawValue == String {
    /// The raw value.
    public func write(to json: inout JSONWriter) { json.string(rawValue) }
}

extension Role: JSONWritable {}

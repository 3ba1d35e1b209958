/// A value that can be written as JSON (RFC 8259).
public protocol JSONWritable {
    /// Writes exactly one JSON value.
    func write(to json: inout JSONWriter)
}

/// Writes JSON directly into bytes.
///
/// A general encoder would visit every value twice and halve the speed of a list page. The writer
/// owns its memory, because an array checks at each append whether its storage is shared.
public struct JSONWriter: ~Copyable {
    @usableFromInline var start: UnsafeMutablePointer<UInt8>
    @usableFromInline var count = 0
    @usableFromInline var capacity = 4096

    @usableFromInline init() {
        start = .allocate(capacity: capacity)
    }

    deinit {
        start.deallocate()
    }

    /// Encodes `value` as UTF-8 JSON.
    @inlinable
    public static func bytes(of value: some JSONWritable) -> [UInt8] {
        var json = JSONWriter()
        value.write(to: &json)
        return Array(UnsafeBufferPointer(start: json.start, count: json.count))
    }

    /// The JSON text of `value`; of a `JSONText` its own text.
    @inlinable
    public static func text(of value: some JSONWritable) -> String {
        if let written = value as? JSONText { return written.text }
        var json = JSONWriter()
        value.write(to: &json)
        return String(
            decoding: UnsafeBufferPointer(start: json.start, count: json.count), as: UTF8.self)
    }

    /// Writes an object, whose members `members` writes with `field`.
    @inlinable
    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        append(UInt8(ascii: "{"))
        members(&self)
        append(UInt8(ascii: "}"))
    }

    /// Writes an array with `elements` in order.
    ///
    /// The loop reads the elements in place. A copy of each element would retain every string in
    /// it.
    @inlinable
    public mutating func array(_ elements: ArraySlice<some JSONWritable>) {
        append(UInt8(ascii: "["))
        elements.withUnsafeBufferPointer { elements in
            for index in elements.indices {
                separate()
                elements[index].write(to: &self)
            }
        }
        append(UInt8(ascii: "]"))
    }

    /// Writes one member of an object.
    ///
    /// `name` is written unchanged, so it must not need escapes.
    @inlinable
    public mutating func field(_ name: StaticString, _ value: some JSONWritable) {
        self.name(name)
        value.write(to: &self)
    }

    /// Writes one member that is an object.
    @inlinable
    public mutating func field(_ name: StaticString, object members: (inout JSONWriter) -> Void) {
        self.name(name)
        object(members)
    }

    /// Writes `"name":`, after a comma unless it is the first member.
    ///
    /// Inlined, the length of the name is a constant, so a copy takes a few moves instead of a
    /// call.
    @inlinable @inline(__always)
    mutating func name(_ name: StaticString) {
        let length = name.utf8CodeUnitCount
        reserve(length + 4)
        separate()
        start[count] = UInt8(ascii: "\"")
        (start + count + 1).update(from: name.utf8Start, count: length)
        start[count + length + 1] = UInt8(ascii: "\"")
        start[count + length + 2] = UInt8(ascii: ":")
        count += length + 3
    }

    /// Writes a comma, unless this is the first element of its object or array.
    @inlinable
    mutating func separate() {
        let last = count == 0 ? UInt8(ascii: "[") : start[count - 1]
        if last != UInt8(ascii: "{"), last != UInt8(ascii: "[") { append(UInt8(ascii: ",")) }
    }

    /// Writes text that is already JSON: `null`, `true`, `false` or digits.
    @inlinable
    public mutating func literal(_ text: StaticString) {
        append(text.utf8Start, count: text.utf8CodeUnitCount)
    }

    /// Writes ASCII text of at most `countMax` bytes, in quotes and without escapes.
    ///
    /// `fill` writes the text and returns its length.
    public mutating func string(
        countMax: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Int
    ) {
        reserve(countMax + 2)
        start[count] = UInt8(ascii: "\"")
        let length = fill(UnsafeMutableBufferPointer(start: start + count + 1, count: countMax))
        start[count + length + 1] = UInt8(ascii: "\"")
        count += length + 2
    }

    @inlinable
    mutating func append(_ byte: UInt8) {
        reserve(1)
        start[count] = byte
        count += 1
    }

    @inlinable
    mutating func append(_ bytes: UnsafePointer<UInt8>, count length: Int) {
        reserve(length)
        (start + count).update(from: bytes, count: length)
        count += length
    }

    /// Reserves memory for `length` more bytes.
    @inlinable
    mutating func reserve(_ length: Int) {
        if capacity - count < length { grow(by: length) }
    }

    @usableFromInline
    mutating func grow(by length: Int) {
        capacity = max(2 * capacity, count + length)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: start, count: count)
        start.deallocate()
        start = larger
    }
}

/// A complete JSON value as text, such as one that was stored.
public struct JSONText: JSONWritable, Sendable {
    @usableFromInline let text: String

    /// Takes text that `JSONWriter` has written.
    public init(_ text: String) { self.text = text }

    /// Writes the text unchanged.
    public func write(to json: inout JSONWriter) {
        var text = text
        text.withUTF8 { bytes in
            if let start = bytes.baseAddress { json.append(start, count: bytes.count) }
        }
    }
}

extension Int64: JSONWritable {
    /// Writes decimal digits.
    public func write(to json: inout JSONWriter) { json.integer(self) }
}

extension Bool: JSONWritable {
    /// Writes `true` or `false`.
    public func write(to json: inout JSONWriter) { json.literal(self ? "true" : "false") }
}

extension String: JSONWritable {
    /// Writes a quoted string.
    public func write(to json: inout JSONWriter) { json.string(self) }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    /// Writes the value, or `null`.
    @inlinable
    public func write(to json: inout JSONWriter) {
        if let self { self.write(to: &json) } else { json.literal("null") }
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    /// Writes the elements in order.
    @inlinable
    public func write(to json: inout JSONWriter) { json.array(self[...]) }
}

extension ArraySlice: JSONWritable where Element: JSONWritable {
    /// Writes the elements in order.
    @inlinable
    public func write(to json: inout JSONWriter) { json.array(self) }
}

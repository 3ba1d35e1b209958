/// A value that can show itself as JSON (RFC 8259).
public protocol JSONWritable {
    /// Writes exactly one JSON value.
    func write(to json: inout JSONWriter)
}

/// Writes JSON straight into bytes: a general encoder would walk every value twice and halve the
/// speed of a page.
///
/// The bytes are its own memory and not an array, which would ask at every byte whether somebody
/// else has it too.
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

    /// `value` as UTF-8.
    @inlinable
    public static func bytes(of value: some JSONWritable) -> [UInt8] {
        var json = JSONWriter()
        value.write(to: &json)
        return Array(UnsafeBufferPointer(start: json.start, count: json.count))
    }

    /// `{…}` with the members that `members` writes by `field`.
    @inlinable
    public mutating func object(_ members: (inout JSONWriter) -> Void) {
        append(UInt8(ascii: "{"))
        members(&self)
        append(UInt8(ascii: "}"))
    }

    /// `[…]` with `elements` in their order.
    ///
    /// They are looked at where they lie: an element in a variable of its own would be a copy, and
    /// each text in it one more reference to count.
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

    /// One member of an object.
    ///
    /// `name` is written as it stands, so it must need no escape.
    @inlinable
    public mutating func field(_ name: StaticString, _ value: some JSONWritable) {
        self.name(name)
        value.write(to: &self)
    }

    /// One member that is an object, written on the spot.
    @inlinable
    public mutating func field(_ name: StaticString, object members: (inout JSONWriter) -> Void) {
        self.name(name)
        object(members)
    }

    /// `"name":`, behind a comma unless it is the first.
    ///
    /// Where it is inlined the length is known, and a name takes a few moves instead of a call.
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

    /// A comma, unless this is the first of its object or array.
    @inlinable
    mutating func separate() {
        let last = count == 0 ? UInt8(ascii: "[") : start[count - 1]
        if last != UInt8(ascii: "{"), last != UInt8(ascii: "[") { append(UInt8(ascii: ",")) }
    }

    /// `null`, `true`, `false`, digits: text that is JSON already.
    @inlinable
    public mutating func literal(_ text: StaticString) {
        append(text.utf8Start, count: text.utf8CodeUnitCount)
    }

    /// Text in ASCII that needs no escape and is at most `countMax` bytes long, in quotes.
    ///
    /// `fill` writes it and says how long it is.
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

    /// Room for `length` bytes more.
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

extension Int64: JSONWritable {
    /// Decimal digits.
    public func write(to json: inout JSONWriter) { json.integer(self) }
}

extension Bool: JSONWritable {
    /// `true` or `false`.
    public func write(to json: inout JSONWriter) { json.literal(self ? "true" : "false") }
}

extension String: JSONWritable {
    /// A quoted string.
    public func write(to json: inout JSONWriter) { json.string(self) }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    /// The value, or `null`.
    @inlinable
    public func write(to json: inout JSONWriter) {
        if let self { self.write(to: &json) } else { json.literal("null") }
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    /// The elements in their order.
    @inlinable
    public func write(to json: inout JSONWriter) { json.array(self[...]) }
}

extension ArraySlice: JSONWritable where Element: JSONWritable {
    /// The elements in their order.
    @inlinable
    public func write(to json: inout JSONWriter) { json.array(self) }
}

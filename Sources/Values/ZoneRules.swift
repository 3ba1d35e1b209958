/// The offsets from UTC that a time zone has had and will have until the year 2100.
public struct ZoneRules: Sendable, Equatable {
    /// An offset and the time at which it takes effect.
    public struct Offset: Sendable, Equatable {
        /// Seconds since 1970-01-01T00:00:00Z; `Int64.min` for the first offset.
        public let since: Int64
        /// Seconds to add to UTC: 3600 for Central European Time.
        public let seconds: Int64
    }

    /// The IANA name, such as `Europe/Berlin`.
    public let name: String
    /// The offsets in chronological order; at least one.
    public let offsets: [Offset]

    /// UTC.
    public static let utc = ZoneRules(name: "UTC", offsets: [Offset(since: .min, seconds: 0)])

    /// The offset at `instant`.
    public func offset(at instant: Instant) -> Int64 {
        let second = (instant.milliseconds - instant.milliseconds.modulo(1000)) / 1000
        return offsets.last { $0.since <= second }?.seconds ?? 0
    }

    private init(name: String, offsets: [Offset]) {
        self.name = name
        self.offsets = offsets
    }

    /// Reads a TZif file of version 2 or later (RFC 9636); nil if the bytes are not one.
    ///
    /// Offsets that ended before 2000 are left out, because no shop has orders that old.
    public init?(name: String, tzif bytes: [UInt8]) {
        guard var offsets = ZoneFile.offsets(of: bytes) else { return nil }
        let start = CivilDate(year: 2000, month: 1, day: 1).map { $0.days * 86_400 } ?? 0
        if let first = offsets.lastIndex(where: { $0.since <= start }) {
            offsets.replaceSubrange(
                ...first, with: [Offset(since: .min, seconds: offsets[first].seconds)])
        }
        var kept: [Offset] = []
        for offset in offsets where offset.seconds != kept.last?.seconds { kept.append(offset) }
        self.init(name: name, offsets: kept)
    }
}

/// A TZif file (RFC 9636).
private enum ZoneFile {
    /// Every offset in the file, and the offsets of its footer until the year 2100.
    static func offsets(of bytes: [UInt8]) -> [ZoneRules.Offset]? {
        var reader = ByteReader(bytes: bytes[...])
        // Skip the first block, which repeats the data in 32 bits.
        guard let former = Header(&reader), former.version >= UInt8(ascii: "2"),
            reader.skip(former.size(timeBytes: 4)), let header = Header(&reader),
            let times = reader.integers(header.times, bytes: 8),
            let types = reader.integers(header.times, bytes: 1)
        else { return nil }
        var seconds: [Int64] = []
        for _ in 0..<header.types {
            guard let offset = reader.integer(bytes: 4), reader.skip(2) else { return nil }
            seconds.append(offset)
        }
        let rest = header.characters + header.leaps * 12 + header.standards + header.universals
        guard let first = seconds.first, reader.skip(rest), let footer = reader.line() else {
            return nil
        }
        var offsets = [ZoneRules.Offset(since: .min, seconds: first)]
        for (time, type) in zip(times, types) {
            guard type >= 0, type < seconds.count, time > offsets.last?.since ?? .min else {
                return nil
            }
            offsets.append(.init(since: time, seconds: seconds[Int(type)]))
        }
        guard !footer.isEmpty else { return offsets }
        guard let rule = ZoneFooter(footer) else { return nil }
        return offsets + rule.offsets(after: times.last ?? .min)
    }

    /// The counts before a data block.
    struct Header {
        let version: UInt8
        let universals, standards, leaps, times, types, characters: Int

        init?(_ reader: inout ByteReader) {
            guard reader.take("TZif"), let version = reader.integer(bytes: 1), reader.skip(15),
                let counts = reader.integers(6, bytes: 4), counts.allSatisfy({ $0 >= 0 })
            else { return nil }
            self.version = UInt8(truncatingIfNeeded: version)
            universals = Int(counts[0])
            standards = Int(counts[1])
            leaps = Int(counts[2])
            times = Int(counts[3])
            types = Int(counts[4])
            characters = Int(counts[5])
        }

        func size(timeBytes: Int) -> Int {
            times * (timeBytes + 1) + types * 6 + characters + leaps * (timeBytes + 4)
                + standards + universals
        }
    }
}

/// Reads big-endian integers from the start of a byte array.
private struct ByteReader {
    var bytes: ArraySlice<UInt8>

    mutating func skip(_ count: Int) -> Bool {
        guard count <= bytes.count else { return false }
        bytes.removeFirst(count)
        return true
    }

    mutating func take(_ text: String) -> Bool {
        guard bytes.starts(with: text.utf8) else { return false }
        return skip(text.utf8.count)
    }

    mutating func integer(bytes count: Int) -> Int64? {
        guard count <= bytes.count else { return nil }
        let value = bytes.prefix(count).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        bytes.removeFirst(count)
        let unused = 64 - 8 * count
        // A single byte is an unsigned index or a character; longer values are signed.
        return count == 1
            ? Int64(value) : Int64(bitPattern: value << UInt64(unused)) >> Int64(unused)
    }

    mutating func integers(_ count: Int, bytes width: Int) -> [Int64]? {
        guard count <= bytes.count / width else { return nil }
        return (0..<count).compactMap { _ in integer(bytes: width) }
    }

    /// Reads the text between two line feeds.
    mutating func line() -> Substring? {
        let line = Substring(decoding: bytes, as: UTF8.self)
        guard line.utf8.count >= 2, line.first == "\n", line.last == "\n" else { return nil }
        return line.dropFirst().dropLast()
    }
}

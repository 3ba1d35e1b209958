import FoundationEssentials
import Sales
import Storage
import Values

extension ZoneRules {
    /// The system's rules for the IANA time zone `name`, such as `Europe/Berlin`; nil if it has
    /// none.
    ///
    /// `UTC` needs no file.
    init?(named name: String) {
        guard name != ZoneRules.utc.name else {
            self = .utc
            return
        }
        let isName = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || "/_+-".utf8.contains(byte)
        }
        guard isName, !name.hasPrefix("/"),
            let data = FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)")
        else { return nil }
        self.init(name: name, tzif: Array(data))
    }
}

extension Settings {
    /// Rejects a database whose reports use the days of another time zone.
    /// - Throws: `SettingsError`
    func verifyTimeZone(of store: some Store) throws {
        let zone = try store.read { try reportZone(in: $0) }
        guard zone == timeZone.name else {
            throw SettingsError(
                description: """
                    SOUK_TIME_ZONE is \(timeZone.name), but reports show the days of \(zone): run \
                    `souk migrate`.
                    """)
        }
    }
}

/// Words that a path can have in the place of a username.
let pathWords: Set<String> = Set(
    routes(with: []).map(\.description).compactMap { route in
        // `POST /customers/login`: the segment after `customers`, unless it is a parameter.
        let segments = route.split(separator: "/")
        guard segments.count > 2, !segments[2].hasPrefix(":") else { return nil }
        return String(segments[2])
    }
).union(["metrics"])

/// Names that look like the shop itself, or that RFC 2142 reserves for mail.
private let officialNames = [
    "abuse", "account", "accounts", "admin", "administrator", "administrators", "admins", "api",
    "billing", "everyone", "export", "ftp", "guest", "help", "helpdesk", "hostmaster", "info",
    "mail", "mailerdaemon", "me", "moderator", "moderators", "nobody", "noreply", "official",
    "operator", "owner", "password", "payments", "postmaster", "privacy", "root", "sales",
    "security", "sessions", "shop", "souk", "staff", "superuser", "support", "sysadmin", "system",
    "team", "undefined", "usenet", "webmaster", "www",
]

private let skeletons = Set((pathWords + officialNames).map(skeleton))

/// Whether a username is reserved or resembles a reserved one.
///
/// Two names resemble each other if they have the same skeleton.
func isReserved(_ username: String) -> Bool {
    skeletons.contains(skeleton(username))
}

/// Returns the skeleton of a username, like that of UTS #39 but reduced to this alphabet.
///
/// These steps run in this order:
/// - `_`, `.` and `-` are dropped.
/// - A digit becomes the letter it resembles: 0 o, 1 l, 2 z, 3 e, 4 a, 5 s, 6 b, 7 t, 8 b, 9 g.
/// - i becomes l.
/// - A pair that resembles one letter becomes that letter: `rn` m, `vv` w, `cl` d.
private func skeleton(_ username: String) -> String {
    var letters: [UInt8] = []
    for byte in username.utf8 {
        guard let letter = letter(for: byte) else { continue }
        if let last = letters.last, let single = single(last, letter) {
            letters[letters.count - 1] = single
        } else {
            letters.append(letter)
        }
    }
    return String(decoding: letters, as: UTF8.self)
}

/// Returns the letter that a byte of a username resembles, or nil for punctuation.
private func letter(for byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"): nil
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
        Array("olzeasbtbg".utf8)[Int(byte - UInt8(ascii: "0"))]
    case UInt8(ascii: "i"): UInt8(ascii: "l")
    default: byte
    }
}

/// Returns the letter that a pair resembles, or nil.
private func single(_ first: UInt8, _ second: UInt8) -> UInt8? {
    switch (first, second) {
    case (UInt8(ascii: "r"), UInt8(ascii: "n")): UInt8(ascii: "m")
    case (UInt8(ascii: "v"), UInt8(ascii: "v")): UInt8(ascii: "w")
    case (UInt8(ascii: "c"), UInt8(ascii: "l")): UInt8(ascii: "d")
    default: nil
    }
}

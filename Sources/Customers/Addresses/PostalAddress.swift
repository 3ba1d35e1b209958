public import HTTP
public import Service
public import Storage

/// A name and a postal address, to which goods or invoices are sent.
///
/// A customer saves some; an order keeps a copy of its own. `columns`, `values` and `assignments`
/// store it in any table with columns of these names.
public struct PostalAddress: Editable, Input, Equatable {
    /// The recipient.
    public var name = ""
    /// The recipient's company.
    public var company: String?
    /// Street and house number, or what a country uses instead: one to four lines.
    public var lines = AddressLines([])
    /// The city or town.
    public var city = ""
    /// The state, province or county.
    public var region: String?
    /// The postal code.
    public var postalCode: String?
    /// The country's code: ISO 3166-1 alpha-2.
    public var country = ""
    /// A telephone number for the carrier.
    public var phone: String?

    /// Creates the value that reading fills.
    public init() {}

    /// The fields, with their limits in Unicode code points.
    public static let fields: [EditableField<PostalAddress>] = [
        .required("name", \.name, .line(1...120)),
        .optional("company", \.company, .line(1...120)),
        .required("lines", \.lines, .addressLines),
        .required("city", \.city, .line(1...100)),
        .optional("region", \.region, .line(1...100)),
        .optional("postal_code", \.postalCode, .line(1...20)),
        .required("country", \.country, .country),
        .optional("phone", \.phone, .line(1...32)),
    ]

    /// Decodes a row that has `columns`.
    /// - Throws: `StoreError.column`.
    public init(_ row: Row) throws {
        name = try row["name"]
        company = try row["company"]
        lines = try row["lines"]
        city = try row["city"]
        region = try row["region"]
        postalCode = try row["postal_code"]
        country = try row["country"]
        phone = try row["phone"]
    }
}

extension PostalAddress: JSONWritable {
    /// Writes an object.
    public func write(to json: inout JSONWriter) {
        json.object { write(membersTo: &$0) }
    }

    /// Writes the members into an object that has more of them.
    func write(membersTo json: inout JSONWriter) {
        json.field("name", name)
        json.field("company", company)
        json.field("lines", lines)
        json.field("city", city)
        json.field("region", region)
        json.field("postal_code", postalCode)
        json.field("country", country)
        json.field("phone", phone)
    }
}

/// The lines of an address between the name and the city.
public struct AddressLines: Sendable, Equatable {
    /// The lines, none of which contains a line break.
    public let texts: [String]

    /// Creates lines from texts without line breaks.
    public init(_ texts: [String]) {
        self.texts = texts
    }
}

extension AddressLines: Storable {
    /// Stored in a text column, separated by line breaks.
    public var stored: Value { .text(texts.joined(separator: "\n")) }

    /// Reads a text column.
    public init?(stored: Value) {
        guard case .text(let text) = stored else { return nil }
        texts = text.split(separator: "\n").map(String.init)
    }
}

extension AddressLines: JSONWritable {
    /// Writes an array of strings.
    public func write(to json: inout JSONWriter) { texts.write(to: &json) }
}

extension Check<AddressLines> {
    /// One to four lines of at most 100 characters.
    fileprivate static let addressLines = Check<String>.line(1...100).list(
        1...4, rule: "must be a list of 1 to 4 lines of 1 to 100 visible characters",
        AddressLines.init)
}

extension Check<String> {
    /// A country by its code in capital letters.
    public static let country = Check.ascii(
        2...2, rule: "must be the code of a country in capital letters (ISO 3166-1 alpha-2)"
    ) { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    .satisfying(isCountryCode)
}

import HTTP
import Service
import Storage

extension Check<NameList> {
    /// The slugs of 1 to 100 different categories.
    static let categories = Check<String>.slug.list(
        1...100, rule: "must be a list of 1 to 100 different categories", NameList.init
    ).satisfying { Set($0.names).count == $0.names.count }
}

extension Check<IDList> {
    /// The ids of 1 to 100 different products, which need not exist.
    static let productIDs = Check<Int64>.id.list(
        1...100, rule: "must be a list of 1 to 100 different ids of products", IDList.init
    ).satisfying { Set($0.ids).count == $0.ids.count }
}

/// A list of different ids, in the order in which they were sent.
struct IDList: Sendable, Equatable {
    let ids: [Int64]

    init(_ ids: [Int64]) {
        self.ids = ids
    }
}

extension IDList: Storable {
    /// Stored in a text column, separated by spaces.
    var stored: Value { .text(ids.map(String.init).joined(separator: " ")) }

    init?(stored: Value) {
        guard case .text(let text) = stored else { return nil }
        let parts = text.split(separator: " ")
        ids = parts.compactMap { Int64($0) }
        guard ids.count == parts.count else { return nil }
    }
}

extension IDList: JSONWritable {
    func write(to json: inout JSONWriter) { ids.write(to: &json) }
}

import CPQ
import Storage

/// A statement that the server keeps for one connection.
final class PreparedStatement {
    enum State {
        /// The server does not know it yet.
        case new
        /// It has been sent to the server, which has not answered yet.
        case sent
        case prepared
    }

    /// The name that the server knows it by, unique in its connection.
    let name: String
    let text: String
    /// The types of its parameters, 0 where only NULL has been bound so far.
    let types: [Oid]
    var state = State.new
    /// Whether the cache has given it up before the server answered.
    var isOrphan = false
    /// When it was last used, as the count of uses of its cache.
    var lastUse = 0
    /// The shape of its rows, known after its first result.
    var shape: RowShape?

    init(name: String, text: String, types: [Oid]) {
        self.name = name
        self.text = text
        self.types = types
    }

    /// Whether it can be run with `values`.
    ///
    /// A parameter whose type the server had to guess may have another type than the value, such as
    /// a 32-bit integer.
    func accepts(_ values: [Value]) -> Bool {
        for (type, value) in zip(types, values) where value != .null && type != value.oid {
            return false
        }
        return true
    }
}

/// The parts of openapi.yaml that tests compare.
///
/// It reads the layout of this project's file and no other YAML: two spaces a level, paths on level
/// one, methods and parameters on level two. Each problem code is on a line of its own.
struct Description {
    /// A method of a path.
    struct Operation: Hashable {
        /// As a `Route` describes itself: `GET /sales/:id`.
        let route: String
        /// The lowest role that may use it.
        let leastRole: String
        /// Its alternatives as the file writes them; nil for those of the whole file.
        var security: String?
        let id: String
    }

    private(set) var version = ""
    private(set) var operations: [Operation] = []
    /// Each problem code of `x-codes`, with the status at the start of its description.
    private(set) var codes: [String: String] = [:]
    /// The names that references may use: `#/components/schemas/Order`.
    private(set) var components: Set<String> = []
    /// The references of the file.
    private(set) var references: Set<String> = []

    private var section = ""
    private var group = ""
    private var method: (route: String, id: String)?

    /// Reads the whole file.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let level = line.prefix { $0 == " " }.count
            let words = line.dropFirst(level)
            read(words, level: level)
            for match in words.matches(of: ##/#/components/[\w/-]+/##) {
                references.insert(String(match.output))
            }
        }
    }

    private mutating func read(_ words: Substring, level: Int) {
        let key = words.prefix { $0 != ":" }
        let value = words.dropFirst(key.count + 1).drop { $0 == " " }
        switch (section, level) {
        case (_, 0): section = String(key)
        case ("info", 2) where key == "version": version = String(value)
        case (_, 2): group = String(key)
        case ("paths", 4): method = (route(key), "")
        case ("paths", 6) where key == "operationId": method?.id = String(value)
        case ("paths", 6) where key == "x-least-role":
            guard let method else { return }
            operations.append(.init(route: method.route, leastRole: String(value), id: method.id))
        case ("paths", 6) where key == "security":
            operations[operations.count - 1].security = String(value)
        case ("components", 4): components.insert("#/components/\(group)/\(key)")
        case ("components", 8):
            let code = #/^([a-z_]+): +'(\d{3}): /#
            if let match = words.firstMatch(of: code) {
                codes[String(match.output.1)] = String(match.output.2)
            }
        default: break
        }
    }

    /// `get` below `/sales/{id}` is `GET /sales/:id`.
    private func route(_ method: Substring) -> String {
        let path = group.replacing("{", with: ":").replacing("}", with: "")
        return "\(method.uppercased()) \(path)"
    }
}

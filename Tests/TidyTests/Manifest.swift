/// The targets of Package.swift, read as text.
///
/// Running SwiftPM would start a second build inside the first.
struct Manifest {
    /// A target, and the modules that it may import.
    struct Target {
        let name: String
        let folder: String
        /// Other targets and other packages' products.
        let dependencies: Set<String>
    }

    /// In the order of the file.
    let targets: [Target]

    /// Reads declarations of the forms `let x = Target.Dependency.product(name: "X", …)`, `let l:
    /// [Target.Dependency] = ["V", "W"]` and `.target(name: "X", dependencies: l + ["Y", x], path:
    /// "Z")`.
    init(_ text: String) {
        let product = #/let (\w+) = Target\.Dependency\.product\(\s*name: "(\w+)"/#
        let products = Dictionary(
            uniqueKeysWithValues: text.matches(of: product).map {
                (String($0.output.1), String($0.output.2))
            })
        let lists = Dictionary(
            uniqueKeysWithValues: text.matches(
                of: #/let (\w+): \[Target\.Dependency\] = \[([^\]]*)\]/#
            ).map { (String($0.output.1), Manifest.items(of: $0.output.2, products)) })
        let declaration = #/\.(systemLibrary|target|executableTarget|testTarget)(?=\()/#
        targets = text.matches(of: declaration).compactMap { match in
            let arguments = text[match.range.upperBound...].bracketed("(", ")")
            guard let name = arguments.firstMatch(of: #/name: "(\w+)"/#)?.output.1 else {
                return nil
            }
            let path = arguments.firstMatch(of: #/path: "([\w/]+)"/#)?.output.1
            let root = match.output.1 == "testTarget" ? "Tests" : "Sources"
            return Target(
                name: String(name), folder: path.map(String.init) ?? "\(root)/\(name)",
                dependencies: Manifest.dependencies(in: arguments, products, lists))
        }
    }

    private static func dependencies(
        in arguments: Substring, _ products: [String: String], _ lists: [String: Set<String>]
    ) -> Set<String> {
        guard let start = arguments.firstRange(of: "dependencies: ")?.upperBound else { return [] }
        let rest = arguments[start...]
        let name = rest.prefix { $0.isLetter }
        let own = name.isEmpty || rest.dropFirst(name.count).hasPrefix(" + ")
        let items = own ? items(of: rest.bracketed("[", "]").dropFirst().dropLast(), products) : []
        return items.union(lists[String(name), default: []])
    }

    private static func items(of list: Substring, _ products: [String: String]) -> Set<String> {
        Set(
            list.split(separator: ",").compactMap { item in
                let word = item.filter { !$0.isWhitespace }
                if word.isEmpty { return nil }
                return word.first == "\"" ? word.filter { $0 != "\"" } : products[word] ?? word
            })
    }
}

extension Substring {
    /// The text from the first `open` to the matching `close`.
    fileprivate func bracketed(_ open: Character, _ close: Character) -> Substring {
        guard let start = firstIndex(of: open) else { return "" }
        var depth = 0
        for index in self[start...].indices {
            if self[index] == open { depth += 1 }
            if self[index] == close { depth -= 1 }
            if depth == 0 { return self[start...index] }
        }
        return self[start...]
    }
}

/// A plan of PostgreSQL, as EXPLAIN writes it.
///
/// https://www.postgresql.org/docs/15/using-explain.html
struct PostgresPlan {
    /// A step and the lines about it, such as its conditions.
    private struct Node {
        let indent: Int
        let title: String
        var details: [String] = []
    }

    private var nodes: [Node] = []

    init(_ lines: [String]) {
        for line in lines {
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            if text.hasPrefix("->") {
                nodes.append(Node(indent: indent, title: String(text.dropFirst(4))))
            } else if nodes.isEmpty || text.hasPrefix("SubPlan") || text.hasPrefix("InitPlan")
                || text.hasPrefix("CTE ")
            {
                nodes.append(Node(indent: indent, title: String(text)))
            } else {
                nodes[nodes.count - 1].details.append(String(text))
            }
        }
    }

    /// The steps that read one of these tables, or an index of it, from end to end.
    ///
    /// The first entries of an index, for a page, are fine.
    func wholeReads(of tables: Set<String>) -> [String] {
        nodes.indices.filter { readsAll($0, of: tables) && !isCutShort($0) }.map { nodes[$0].title }
    }

    private func readsAll(_ number: Int, of tables: Set<String>) -> Bool {
        let scan =
            #/(Seq|Index|Index Only|Bitmap Heap) Scan (Backward )?(using \w+ )?on (?<table>\w+)/#
        guard let scanned = nodes[number].title.firstMatch(of: scan),
            tables.contains(String(scanned.table))
        else { return false }
        // The step below a bitmap scan has its condition.
        let isBitmap = nodes[number].title.hasPrefix("Bitmap")
        let details = nodes[number...].prefix(isBitmap ? 2 : 1).flatMap(\.details)
        return !details.contains { $0.hasPrefix("Index Cond:") }
    }

    /// Whether a LIMIT ends the step after a few entries.
    private func isCutShort(_ number: Int) -> Bool {
        let isFiltered = nodes[number].details.contains { $0.hasPrefix("Filter:") }
        var indent = nodes[number].indent
        for parent in nodes[..<number].reversed() where parent.indent < indent {
            indent = parent.indent
            if parent.title.hasPrefix("Limit") { return !isFiltered }
            if Self.consumers.contains(where: parent.title.hasPrefix) { return false }
        }
        return false
    }

    /// The steps that read all of their input before the first row of their output.
    private static let consumers = [
        "Sort", "Aggregate", "HashAggregate", "Hash", "Materialize", "SubPlan", "InitPlan", "CTE",
    ]
}

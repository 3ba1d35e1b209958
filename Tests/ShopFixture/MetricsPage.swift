/// A page of metrics, parsed by the Prometheus text format only.
public struct Metrics: Sendable {
    /// Each sample by its name and labels, as written: `souk_requests_total{…}`.
    public private(set) var samples: [String: Double] = [:]
    /// The metric families that have a type.
    public private(set) var families: Set<String> = []

    /// Parses a page.
    public init(_ text: String) throws {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first == "#" {
                if words.count > 2, words[1] == "TYPE" { families.insert(String(words[2])) }
                continue
            }
            guard words.count > 1, let value = Double(words[words.count - 1]) else {
                throw Failure("no sample: \(line)")
            }
            samples[words.dropLast().joined(separator: " ")] = value
        }
    }

    /// The sample with this name and labels; 0 if there is none.
    public subscript(name: String) -> Double { samples[name] ?? 0 }

    /// The number of responses of a route with a status.
    public func requests(_ method: String, _ route: String, _ code: Int) -> Double {
        self[
            "souk_requests_total{method=\"\(method)\",route=\"\(route)\",code=\"\(code)\"}"]
    }
}

extension Visitor {
    /// The metrics of a responder, such as `sales`.
    public func metrics(of responder: String) throws -> Metrics {
        let answer = try send("GET", "/\(responder)/metrics")
        guard answer.status == 200 else { throw Failure("\(answer)") }
        return try Metrics(answer.text)
    }
}

/// Metrics in the Prometheus text format 0.0.4.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter
        case gauge
        case histogram
        case summary
    }

    /// One line of a family: the suffix of its name, its labels and its value.
    struct Sample {
        var suffix = ""
        var labels: [(name: String, value: String)] = []
        let value: String
    }

    private(set) var text = ""

    /// Writes a family of one sample without labels.
    mutating func family(_ name: String, _ kind: Kind, _ help: String, _ value: some Numeric) {
        family(name, kind, help, [Sample(value: "\(value)")])
    }

    /// Writes a family.
    mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            text += name + sample.suffix
            if !sample.labels.isEmpty {
                let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
                text += "{\(labels.joined(separator: ","))}"
            }
            text += " \(sample.value)\n"
        }
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

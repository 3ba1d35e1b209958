import Storage

/// Metrics in the Prometheus text format 0.0.4.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    typealias Kind = Metric.Kind
    typealias Sample = Metric.Sample

    private(set) var text = ""

    /// Writes a family of one sample without labels.
    mutating func family(_ name: String, _ kind: Kind, _ help: String, _ value: some Numeric) {
        write(Metric(name, kind, help, value))
    }

    /// Writes a family.
    mutating func family(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        write(Metric(name, kind, help, samples))
    }

    /// Writes a family.
    mutating func write(_ metric: Metric) {
        text += "# HELP \(metric.name) \(metric.help)\n"
        text += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
        for sample in metric.samples {
            text += metric.name + sample.suffix
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

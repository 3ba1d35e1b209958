/// The largest size of a list in a message, in bytes.
private let bytesMax = 20_000

/// The lines of a list in a message, such as those of an order.
///
/// Of a long list, the last line is `and 37 more lines`.
public func mailLines(_ lines: [String]) -> String {
    var shown: [String] = []
    var bytes = 0
    for line in lines {
        bytes += line.utf8.count + 1
        guard bytes <= bytesMax else { break }
        shown.append(line)
    }
    let left = lines.count - shown.count
    if left > 0 { shown.append("and \(left) more \(left == 1 ? "line" : "lines")") }
    return shown.joined(separator: "\n")
}

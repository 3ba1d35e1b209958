import CPQ
import Storage

extension PostgresConnection {
    /// Runs a COPY … FROM STDIN after what is queued, with the rows that `body` passes on.
    ///
    /// The connection is broken after an error.
    ///
    /// https://www.postgresql.org/docs/15/libpq-copy.html
    func copyIn(_ text: String, _ body: (_ add: ([Value]) throws -> Void) throws -> Void) throws {
        isBroken = true
        try leavePipeline(until: nil)
        guard PQsendQuery(pq, text) == 1 else { throw lost() }
        try sendBuffer(until: nil)
        try waitForAnswer(until: nil)
        guard let answer = PQgetResult(pq) else { throw lost() }
        let result = QueryResult(answer)
        guard PQresultStatus(answer) == PGRES_COPY_IN else {
            throw result.failure(of: text) ?? lost()
        }
        var lines = CopyLines()
        try body { row in
            lines.append(row)
            if lines.bytes.count >= CopyLines.bytesMax { try send(&lines) }
        }
        try send(&lines)
        guard PQputCopyEnd(pq, nil) == 1 else { throw lost() }
        _ = try results(of: text, until: nil)
        guard PQenterPipelineMode(pq) == 1 else { throw lost() }
        isBroken = false
    }

    private func send(_ lines: inout CopyLines) throws {
        try lines.bytes.withUnsafeBytes { bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            // In the non-blocking mode, 0 means that the buffer is full.
            while true {
                let code = PQputCopyData(pq, start, Int32(bytes.count))
                if code == 1 { break }
                guard code == 0 else { throw lost() }
                try sendBuffer(until: nil)
            }
            try sendBuffer(until: nil)
        }
        lines.bytes.removeAll(keepingCapacity: true)
    }
}

/// Rows in the text format of COPY: tabs between columns, a line break after each row.
///
/// https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.2
private struct CopyLines {
    /// How many bytes are sent at once.
    static let bytesMax = 1 << 16

    var bytes: [UInt8] = []

    mutating func append(_ row: [Value]) {
        for (index, value) in row.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "\t")) }
            switch value {
            case .null: bytes += #"\N"#.utf8
            case .integer(let number): bytes += String(number).utf8
            case .text(let text): append(text)
            }
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func append(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes += #"\\"#.utf8
            case UInt8(ascii: "\t"): bytes += #"\t"#.utf8
            case UInt8(ascii: "\n"): bytes += #"\n"#.utf8
            case UInt8(ascii: "\r"): bytes += #"\r"#.utf8
            default: bytes.append(byte)
            }
        }
    }
}

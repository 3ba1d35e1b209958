import Foundation

/// A temporary folder of a test.
public final class Folder: Sendable {
    /// Its path.
    ///
    /// It is short, because the paths of sockets are limited to 107 bytes.
    public let path: String

    /// Creates a folder.
    public init() throws {
        var template = Array("/tmp/souk-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure("mkdtemp: \(errno)") }
        path = String(cString: made)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of the file `name` in it.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The content of the file `name`.
    public func text(of name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }
}

/// The reason why a test could not continue.
public struct Failure: Error, CustomStringConvertible {
    /// The reason.
    public let description: String

    /// A reason.
    public init(_ description: String) {
        self.description = description
    }
}

/// Polls every few milliseconds, for at most `seconds`, until `condition` holds.
///
/// - Returns: whether it did.
@discardableResult
public func eventually(within seconds: Double, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while true {
        if try condition() { return true }
        guard ContinuousClock.now < end else { return false }
        usleep(5000)
    }
}

extension Duration {
    /// The duration in milliseconds, with fractions.
    public var milliseconds: Double { self / .milliseconds(1) }
}

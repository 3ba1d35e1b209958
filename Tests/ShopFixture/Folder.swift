import Foundation

/// A folder of a test's own, gone with it.
public final class Folder: Sendable {
    /// Where it is.
    ///
    /// Short, because sockets stand in it whose paths may have 107 bytes.
    public let path: String

    /// Makes one.
    public init() throws {
        var template = Array("/tmp/souk-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure("mkdtemp: \(errno)") }
        path = String(cString: made)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of `name` in it.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// What the file `name` holds.
    public func text(of name: String) throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }
}

/// Why a test could not go on.
public struct Failure: Error, CustomStringConvertible {
    /// The reason.
    public let description: String

    /// A reason.
    public init(_ description: String) {
        self.description = description
    }
}

/// Asks every few milliseconds, for at most `seconds`, until `condition` holds.
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
    /// Whole and broken milliseconds.
    public var milliseconds: Double { self / .milliseconds(1) }
}

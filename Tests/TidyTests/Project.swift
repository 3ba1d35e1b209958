import Foundation

/// The files of this package on the disk.
enum Project {
    /// The folder with Package.swift.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The text of the file at `path`, relative to the top.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }

    /// The paths of the Swift files below `path`, sorted.
    static func swiftFiles(below path: String) -> [String] {
        let files = FileManager.default.enumerator(atPath: folder.appending(path: path).path)
        let names = (files?.allObjects ?? []).compactMap { $0 as? String }
        return names.filter { $0.hasSuffix(".swift") }.sorted().map { "\(path)/\($0)" }
    }

    /// The paths of all files of the project, without builds and other hidden folders, sorted.
    static let files: [String] = {
        let all = FileManager.default.enumerator(
            at: folder, includingPropertiesForKeys: [.isRegularFileKey],
            options: [.skipsHiddenFiles])
        let prefix = folder.path.count + (folder.path.hasSuffix("/") ? 0 : 1)
        return (all?.allObjects ?? []).compactMap { $0 as? URL }.filter {
            (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
        }.map { String($0.path.dropFirst(prefix)) }.sorted()
    }()

    /// Those whose name ends in `suffix`.
    static func files(endingIn suffix: String) -> [String] {
        files.filter { $0.hasSuffix(suffix) && !$0.hasPrefix("dist/") }
    }

    /// Whether a file or a folder exists at `path`.
    static func has(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: path).path)
    }
}

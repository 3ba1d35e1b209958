import Glibc

/// Shows a progress bar on standard error if that is a terminal.
func showProgress(_ done: Int, _ all: Int) {
    guard isatty(STDERR_FILENO) == 1 else { return }
    let filled = 40 * done / max(1, all)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 40 - filled)
    let end = done == all ? "\n" : ""
    printError("\r[\(bar)] \(done) of \(all)", end: end)
}

/// Prints to standard error, with a line break unless `end` is given.
func printError(_ text: String, end: String = "\n") {
    var text = text + end
    _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

import Glibc

/// Reads a password twice from the terminal without echo, or the first line of standard input.
///
/// - Throws: `Failure` if there is no password, or the two differ.
func readPassword(for name: String) throws -> String {
    guard isatty(STDIN_FILENO) == 1 else {
        guard let line = readLine() else {
            throw Failure(description: "Standard input contains no password.")
        }
        return line
    }
    var shown = termios()
    tcgetattr(STDIN_FILENO, &shown)
    var hidden = shown
    hidden.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown) }
    let first = ask("Password for \(name): ")
    let second = ask("Again: ")
    guard let first, first == second else {
        throw Failure(description: "The two passwords differ.")
    }
    return first
}

private func ask(_ prompt: String) -> String? {
    print(prompt, terminator: "")
    fflush(nil)
    defer { print() }
    return readLine()
}

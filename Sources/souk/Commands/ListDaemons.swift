import ArgumentParser
import Launch

struct ListDaemons: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemons",
        abstract: "List the responders and the courier, for scripts.",
        discussion: "Each one has the program NAMEd and the socket NAME.sock.")

    func run() {
        for program in ResponderProgram.daemons { print(program.name) }
    }
}

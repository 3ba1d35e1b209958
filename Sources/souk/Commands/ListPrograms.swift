import ArgumentParser
import Launch

struct ListResponders: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "responders",
        abstract: "List the responders, for scripts.",
        discussion: "Each one has the program NAMEd, the socket NAME.sock and the unit souk@NAME.")

    func run() {
        for program in ResponderProgram.all { print(program.name) }
    }
}

struct ListDaemons: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemons",
        abstract: "List the responders and the courier, for scripts.",
        discussion: "Each one has the program NAMEd and the socket NAME.sock.")

    func run() {
        for program in ResponderProgram.daemons { print(program.name) }
    }
}
